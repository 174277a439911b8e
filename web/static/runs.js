// Says how much a run has to compute as the form is filled in; without this module nothing is lost.
const form = document.querySelector("#run");
const size = document.querySelector("#size");

const years = () => {
  const data = new FormData(form);
  const typed = String(data.get("levels") ?? "").split(/[,;、]/);
  const levels = new Set([...typed, data.get("level")].map(Number.parseFloat).filter(Number.isFinite));
  const scenarios = levels.size + data.getAll("options").length;
  return (scenarios * Number(data.get("replications")) * Number(data.get("days"))) / 365;
};

const show = () => {
  const found = years();
  size.hidden = new FormData(form).get("until") !== "fixed" || !(found > 0);
  size.textContent = size.dataset.text.replace("{n}", found.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }));
};

if (form) {
  form.addEventListener("input", show);
  show();
}
