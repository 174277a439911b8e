// Shows the extras of the chosen test kind; without this module a button asks the server for them.
const kind = document.querySelector("select[name=kind]");
const extras = document.querySelectorAll("[data-kinds]");
const none = document.querySelector("[data-no-extras]");

const show = () => {
  let shown = 0;
  for (const extra of extras) {
    const fits = extra.dataset.kinds.split(" ").includes(kind.value);
    extra.hidden = !fits;
    extra.querySelector("input").disabled = !fits;
    shown += fits ? 1 : 0;
  }
  none.hidden = shown > 0;
};

if (kind) {
  kind.addEventListener("change", show);
  show();
}
