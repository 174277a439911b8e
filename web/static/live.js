// Listens to the live events and calls back when something has changed; where no listening is
// possible it asks every few seconds instead. A page that nobody looks at neither listens nor asks.
const SOURCE = "/api/v1/events";
const POLL_MS = 15000;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60000;

// `changed(resources)` gets the ids of the places that changed, or null for any of them.
export const listen = (sign, changed) => {
  let source = null;
  let polling = null;
  let retrying = null;
  let waits = FIRST_RETRY_MS;
  let revision = null;

  const say = (word) => {
    if (!sign || sign.dataset.is === word) return;
    sign.dataset.is = word;
    sign.textContent = { on: sign.dataset.liveOn, slow: sign.dataset.liveSlow, off: sign.dataset.liveOff }[word];
  };

  const close = () => {
    source?.close();
    source = null;
    clearInterval(polling);
    clearTimeout(retrying);
    polling = retrying = null;
  };

  const poll = () => {
    polling ??= setInterval(() => changed(null), POLL_MS);
    say("slow");
  };

  // The browser gives up after an answer such as 503; then the page asks, and tries again later.
  const failed = () => {
    if (source?.readyState !== EventSource.CLOSED) {
      say("off");
      return;
    }
    source = null;
    poll();
    clearTimeout(retrying);
    retrying = setTimeout(open, waits);
    waits = Math.min(LONGEST_RETRY_MS, waits * 2);
  };

  const ready = (event) => {
    clearInterval(polling);
    polling = null;
    waits = FIRST_RETRY_MS;
    say("on");
    const told = JSON.parse(event.data);
    if (revision !== null && told.revision !== revision) changed(null);
    revision = told.revision;
  };

  const heard = (event) => {
    const told = JSON.parse(event.data);
    revision = told.revision;
    changed(told.resources);
  };

  function open() {
    if (document.hidden) return;
    source?.close();
    source = new EventSource(SOURCE);
    source.addEventListener("ready", ready);
    source.addEventListener("changed", heard);
    source.addEventListener("error", failed);
  }

  document.addEventListener("visibilitychange", () => {
    close();
    if (!document.hidden) {
      if (revision === null) changed(null);
      open();
    }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
};
