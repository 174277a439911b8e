// Shows an offer as soon as it comes: the page is read again when something changed that it shows.
import { listen } from "./live.js";

const waits = document.getElementById("waits");
let asking = false;

const look = async () => {
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("waits");
    if (found && found.dataset.signature !== waits.dataset.signature) location.reload();
  } catch {
    // No network at this moment: the next change asks again.
  } finally {
    asking = false;
  }
};

listen(document.getElementById("live"), look);
