// Suggestions under a search box: a combobox with a list (WAI-ARIA Authoring Practices). Without this the form searches.
const WAIT = 150; // milliseconds after the last letter

const attach = (input, number) => {
  const list = document.createElement("ul");
  const said = document.createElement("p");
  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.suggestLabel);
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  input.insertAdjacentElement("afterend", list);
  list.insertAdjacentElement("afterend", said);
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "false"], ["aria-controls", list.id],
    ["aria-autocomplete", "list"], ["autocomplete", "off"]]) input.setAttribute(name, value);

  let timer, asked;
  const options = () => [...list.children];
  const chosen = () => options().findIndex((one) => one.getAttribute("aria-selected") === "true");
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = (at) => {
    options().forEach((one, index) => one.setAttribute("aria-selected", String(index === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options()[at].id);
      options()[at].scrollIntoView({ block: "nearest" });
    }
  };
  const open = (html) => {
    list.innerHTML = html;
    options().forEach((one, index) => { one.id = `${list.id}-${index}`; });
    list.hidden = !options().length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    said.textContent = input.dataset.suggestCount.replace("0", options().length);
  };
  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const typed = input.value.trim();
    if (typed.length < 2) return close();
    try {
      const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asked.signal });
      if (answer.ok && document.activeElement === input) open(await answer.text());
    } catch (problem) {
      if (problem.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault(); // the box keeps what was typed
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      const number = options().length + 1; // the box itself is one of the places
      choose(((chosen() + 1 + (event.key === "ArrowDown" ? 1 : -1) + number) % number) - 1);
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && chosen() >= 0) {
      event.preventDefault();
      location.assign(options()[chosen()].dataset.href);
    }
  });
  input.addEventListener("blur", () => { clearTimeout(timer); close(); });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const one = event.target.closest("[data-href]");
    if (one) location.assign(one.dataset.href);
  });
};

document.querySelectorAll("input[data-suggest]").forEach(attach);
