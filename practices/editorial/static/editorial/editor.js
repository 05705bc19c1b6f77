// What could not be saved is kept in this browser until it is. The form works without this.
const editor = document.getElementById("editor");
const key = `talkoo:${editor.dataset.editor}`;
const note = document.getElementById("saved");
const bar = document.getElementById("kept");
const own = new Set(["csrfmiddlewaretoken", "edition", "window"]);
// A chosen file can be neither kept nor put back.
const typed = () =>
  [...new FormData(editor)].filter(([name, value]) => !own.has(name) && typeof value === "string");

const keep = (text) => {
  localStorage.setItem(key, JSON.stringify(typed()));
  const span = document.createElement("span");
  span.className = "saved-problem";
  span.textContent = text;
  note.replaceChildren(span);
};

editor.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) localStorage.removeItem(key);
  else if (event.detail.xhr.status === 422) localStorage.setItem(key, JSON.stringify(typed()));
});
editor.addEventListener("htmx:sendError", () => keep(editor.dataset.failed));
editor.addEventListener("htmx:timeout", () => keep(editor.dataset.failed));
editor.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 422) return;
  keep([401, 403].includes(event.detail.xhr.status) ? editor.dataset.signedOut : editor.dataset.failed);
});
editor.addEventListener("submit", () => localStorage.setItem(key, JSON.stringify(typed())));

// Whoever has come to another step has saved the one before.
const [revision] = editor.dataset.editor.split(":");
Object.keys(localStorage)
  .filter((name) => name.startsWith(`talkoo:${revision}:`) && name !== key)
  .forEach((name) => localStorage.removeItem(name));

const kept = localStorage.getItem(key);
if (kept && kept !== JSON.stringify(typed())) bar.hidden = false;
else localStorage.removeItem(key);

bar.addEventListener("click", (event) => {
  const act = event.target.dataset.kept;
  if (!act) return;
  if (act === "back") {
    const values = JSON.parse(kept);
    for (const field of editor.elements) {
      if (!field.name || own.has(field.name)) continue;
      const mine = values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = mine.includes(field.value);
      else if (mine.length) [field.value] = mine;
    }
    editor.dispatchEvent(new Event("input", { bubbles: true }));
  }
  localStorage.removeItem(key);
  bar.hidden = true;
});
