// The board keeps itself up to date: it asks for itself again when something has changed, and once
// a minute, since people come to be late without anything changing.
import { listen } from "./live.js";

const MINUTE_MS = 60000;
const part = document.querySelector('[data-part="board"]');

const refresh = async () => {
  if (document.hidden || part.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector('[data-part="board"]');
  if (fresh && fresh.innerHTML !== part.innerHTML) {
    part.replaceChildren(...document.importNode(fresh, true).childNodes);
  }
};

listen(document.querySelector("[data-live]"), refresh);
setInterval(refresh, MINUTE_MS);
