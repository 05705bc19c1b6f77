// Small comforts. Every page works without them.
document.documentElement.classList.add("js");
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});
document.querySelector("[data-focus]")?.focus();
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// Lists of choices are open where there is room for them, and stay as people left them when a list is renewed.
const wide = matchMedia("(min-width: 60rem)");
const openWide = () => wide.matches && document.querySelectorAll("details[data-open-wide]").forEach((one) => (one.open = true));
let states = new Map();
openWide();
document.addEventListener("htmx:beforeSwap", () => {
  states = new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
});
document.addEventListener("htmx:afterSwap", () => {
  document.querySelectorAll("details[id]").forEach((one) => {
    if (states.has(one.id)) one.open = states.get(one.id);
  });
});

// What somebody typed or chose is no part of the page that htmx keeps: when they go back, the address says it.
document.addEventListener("htmx:historyRestore", () => {
  const asked = new URLSearchParams(location.search);
  document.querySelectorAll("form[data-hx-push-url] :is(input, select)").forEach((field) => {
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = asked.getAll(field.name).includes(field.value);
    else if (field.matches("select")) field.value = asked.get(field.name) ?? field.options[0]?.value;
    else if (!field.matches("[type=hidden]")) field.value = asked.get(field.name) ?? "";
  });
});
