// Draws the schedule with DayPilot: rows city > site > place, time across. What is drawn and what
// each state means comes from the server; times are wall-clock texts and stay so.
import { prepareMoves } from "./moves.js";

const ROW = 26;
// What stands in the window beside the rows: the hours above them and the note below.
const BELOW = 110;
const WIDTHS = { 15: 16, 60: 26, 360: 22 };

const loadLibrary = (address) =>
  new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => done(window.DayPilot));
    script.addEventListener("error", failed);
    document.head.append(script);
  });

const minutes = (from, to) => (Date.parse(`${to}Z`) - Date.parse(`${from}Z`)) / 60000;
const shift = (wall, by) => new Date(Date.parse(`${wall}Z`) + by * 60000).toISOString().slice(0, 19);

// As everywhere on the pages: 2026-12-08 (Tue).
const dayText = (wall) => {
  const weekday = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" });
  return `${wall.slice(0, 10)} (${weekday.format(Date.parse(`${wall}Z`))})`;
};

// The times of a slot; the end with its date where that is another, and 24:00 where it is midnight.
const timesOf = ({ start, end }) => {
  const ends = minutes(`${start.slice(0, 10)}T00:00:00`, end);
  const last = ends < 1440 ? end.slice(11, 16) : ends === 1440 ? "24:00" : `${dayText(end)} ${end.slice(11, 16)}`;
  return `${start.slice(11, 16)}–${last}`;
};

const make = (name, className, text = "") => {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
};

export const createTimeline = async (board, { foldChanged, openPanel, changed }) => {
  const DayPilot = await loadLibrary(board.dataset.library);
  const words = JSON.parse(board.dataset.words);
  const none = document.querySelector("[data-said-none]");
  const folded = new Set((new URLSearchParams(location.search).get("fold") ?? "").split(",").filter(Boolean));
  let data = { places: [], uses: [], closed: {}, days: 1, from: "2026-01-01", cell: 60, now: null };
  let tag = null;
  let scrolledTo = null;
  let listed = new Map();

  // ---- rows ----------------------------------------------------------------------------------

  const rows = () => {
    const found = [];
    let city = null;
    let site = null;
    for (const place of data.places) {
      if (place.city !== city) {
        city = place.city;
        site = null;
        found.push({ id: `city:${city}`, name: place.cityName, level: 0, key: city });
      }
      if (folded.has(city)) continue;
      if (place.site !== site) {
        site = place.site;
        found.push({ id: `site:${site}`, name: place.siteName, level: 1, key: site });
      }
      if (!folded.has(site)) found.push({ id: place.id, name: place.name, level: 2, place });
    }
    return found;
  };

  // In a folded row the uses of all its places are counted, so that nothing is lost from sight.
  const counts = () => {
    const by = new Map();
    const known = places();
    for (const use of data.uses) {
      const place = known.get(use.place);
      if (!place) continue;
      for (const key of [place.city, place.site]) by.set(key, (by.get(key) ?? 0) + 1);
    }
    return by;
  };

  const toggle = (key) => {
    if (!folded.delete(key)) folded.add(key);
    foldChanged([...folded].join(","));
    draw();
    board.querySelector(`[data-fold="${CSS.escape(key)}"]`)?.focus();
  };

  const heading = (row) => {
    const button = make("button", "fold");
    button.type = "button";
    button.dataset.fold = row.key;
    button.setAttribute("aria-expanded", String(!folded.has(row.key)));
    const sign = make("span", "fold-sign", folded.has(row.key) ? "▸" : "▾");
    sign.setAttribute("aria-hidden", "true");
    button.append(sign, make("span", "fold-name", row.name));
    if (row.count) button.append(make("span", "fold-count", String(row.count)));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      toggle(row.key);
    });
    return button;
  };

  // ---- uses ----------------------------------------------------------------------------------

  const asEvent = (use) => ({
    id: use.id,
    text: use.who,
    resource: use.place,
    start: shift(use.start, -use.before),
    end: shift(use.end, use.after),
    use,
  });

  const told = (use) => {
    const around = [use.before && `${words.setup} ${use.before} ${words.minutes}`, use.after && `${words.cleanup} ${use.after} ${words.minutes}`];
    return [timesOf(use), use.who, words.states[use.state], use.use, ...around].filter(Boolean).join(" · ");
  };

  const drawn = (use) => {
    const whole = minutes(use.start, use.end) + use.before + use.after;
    const body = make(use.booking ? "a" : "span", `use use-${use.state}`);
    const sign = make("span", "use-sign", words.signs[use.state]);
    sign.setAttribute("aria-hidden", "true");
    body.append(sign, make("span", "use-who", use.who));
    body.style.left = `${(100 * use.before) / whole}%`;
    body.style.right = `${(100 * use.after) / whole}%`;
    if (use.booking) {
      body.href = board.dataset.panel.replace("BOOKING", use.booking);
      body.draggable = false;
      body.setAttribute("aria-label", told(use));
    }
    const element = make("div", "use-box");
    element.append(body);
    for (const [side, length] of [["left", use.before], ["right", use.after]]) {
      if (!length) continue;
      const cap = make("span", `use-cap use-cap-${side}`);
      cap.style[side] = "0";
      cap.style.width = `${(100 * length) / whole}%`;
      element.append(cap);
    }
    return element;
  };

  // ---- closed hours --------------------------------------------------------------------------

  const closedIn = (cell) => {
    const { place } = listed.get(cell.resource) ?? {};
    const spans = (place && data.closed[place.hours]) ?? [];
    const [start, end] = [cell.start.toString(), cell.end.toString()];
    return spans.filter(([from, to]) => from < end && to > start).map(([from, to]) => [from > start ? from : start, to < end ? to : end]);
  };

  const shadedCell = (cell, spans) => {
    const whole = minutes(cell.start.toString(), cell.end.toString());
    const element = make("div", "closed-box");
    for (const [from, to] of spans) {
      const shade = make("span", "closed-hours");
      shade.style.left = `${(100 * minutes(cell.start.toString(), from)) / whole}%`;
      shade.style.width = `${(100 * minutes(from, to)) / whole}%`;
      element.append(shade);
    }
    return element;
  };

  const isWhole = (cell, spans) => spans.length === 1 && spans[0][0] === cell.start.toString() && spans[0][1] === cell.end.toString();

  // ---- the now-line --------------------------------------------------------------------------

  const arrived = () => performance.now();
  let since = arrived();
  const drawNow = () => {
    board.querySelector(".now-line")?.remove();
    const matrix = board.querySelector(".board_matrix");
    if (!data.now || !matrix) return;
    const moment = new DayPilot.Date(shift(data.now, Math.floor((arrived() - since) / 60000)));
    if (moment < dp.visibleStart() || moment >= dp.visibleEnd()) return;
    const line = make("div", "now-line");
    line.style.left = `${dp.getPixels(moment).left}px`;
    line.title = `${words.now} ${moment.toString("HH:mm")}`;
    matrix.append(line);
  };
  setInterval(drawNow, 60000);

  // ---- the timeline --------------------------------------------------------------------------

  const dp = new DayPilot.Scheduler(board, {
    theme: "board",
    locale: board.dataset.language === "ko" ? "ko-kr" : "en-gb",
    timeFormat: "Clock24Hours",
    eventHeight: ROW,
    rowHeaderWidth: 250,
    weekStarts: 1,
    headerHeight: 24,
    heightSpec: "Max",
    height: 640,
    useEventBoxes: "Never",
    durationBarVisible: false,
    floatingEvents: false,
    eventResizeHandling: "Disabled",
    timeRangeSelectedHandling: "Disabled",
    cellsMarkBusiness: false,
    showToolTip: true,
    onBeforeTimeHeaderRender: (args) => {
      const wall = args.header.start.toString();
      if (args.header.level === 0) args.header.text = dayText(wall);
      else if (data.days > 7) args.header.text = wall.slice(8, 10);
    },
    onBeforeRowHeaderRender: (args) => {
      const row = listed.get(args.row.id);
      args.row.cssClass = `row-${row.level}`;
      if (row.place) args.row.toolTip = `${row.name} · ${row.place.kind}`;
    },
    onBeforeRowHeaderDomAdd: (args) => {
      const row = listed.get(args.row.id);
      if (row.level < 2) args.element = heading(row);
    },
    onBeforeEventRender: (args) => {
      args.data.toolTip = told(args.data.use);
      args.data.moveDisabled = !args.data.use.moves;
      args.data.cssClass = args.data.use.moves ? "moves" : "stays";
      args.data.backColor = "transparent";
    },
    onBeforeEventDomAdd: (args) => {
      args.element = drawn(args.e.data.use);
    },
    onBeforeCellRender: (args) => {
      const row = listed.get(args.cell.resource);
      const spans = closedIn(args.cell);
      const whole = spans.length && isWhole(args.cell, spans);
      args.cell.properties.cssClass = [`cell-${row.level}`, whole ? "closed-hours" : "", args.cell.start.getHours() === 0 && args.cell.start.getMinutes() === 0 ? "day-begins" : ""].join(" ").trim();
    },
    onBeforeCellDomAdd: (args) => {
      const spans = closedIn(args.cell);
      if (spans.length && !isWhole(args.cell, spans)) args.element = shadedCell(args.cell, spans);
    },
    onEventClick: (args) => {
      const { booking } = args.e.data.use;
      args.originalEvent.preventDefault();
      if (booking) openPanel(board.dataset.panel.replace("BOOKING", booking), args.div.querySelector("a"));
    },
  });

  const places = () => new Map(data.places.map((place) => [place.id, place]));
  const standing = ({ place, start }) => {
    const time = `${dayText(start)} ${start.slice(11, 16)}`;
    return words.starting.replace("{place}", () => places().get(place).name).replace("{time}", () => time);
  };
  prepareMoves(dp, board, { shift, changed, rows: places, standing });

  const headers = () => {
    const days = [{ groupBy: "Day" }, { groupBy: "Hour", format: "H" }];
    return data.days > 7 ? [{ groupBy: "Week" }, { groupBy: "Day" }] : days;
  };

  const draw = () => {
    const count = counts();
    listed = new Map(rows().map((row) => [row.id, { ...row, count: count.get(row.key) ?? 0 }]));
    none.hidden = data.places.length > 0;
    board.hidden = data.places.length === 0;
    board.dataset.days = data.days;
    dp.update({
      startDate: data.from,
      days: data.days,
      cellDuration: data.cell,
      cellWidth: WIDTHS[data.cell],
      timeHeaders: headers(),
      resources: [...listed.values()].map(({ id, name }) => ({ id, name })),
      events: data.uses.filter((use) => listed.has(use.place)).map(asEvent),
      height: Math.max(420, innerHeight - board.getBoundingClientRect().top - scrollY - BELOW),
    });
    drawNow();
    const scroll = board.querySelector(".board_scrollable");
    scroll?.setAttribute("tabindex", "0");
    scroll?.setAttribute("role", "group");
    scroll?.setAttribute("aria-label", words.region);
  };

  // The first look at a day begins where work begins: an hour before now, or at seven.
  const scrollOnce = () => {
    const view = `${data.from}/${data.days}`;
    if (scrolledTo === view) return;
    scrolledTo = view;
    const today = data.now?.slice(0, 10);
    const inside = today && today >= data.from && minutes(`${data.from}T00:00:00`, data.now) < data.days * 1440;
    dp.scrollTo(inside ? shift(data.now, -60) : `${data.from}T07:00:00`);
  };

  const load = async (search) => {
    const answer = await fetch(`${board.dataset.source}${search}`, { headers: { Accept: "application/json" }, cache: "no-cache" });
    if (!answer.ok) return;
    const fresh = answer.headers.get("ETag");
    if (fresh && fresh === tag) return;
    tag = fresh;
    data = await answer.json();
    data.uses = data.uses.map((use, id) => ({ id, before: 0, after: 0, moves: false, ...use }));
    since = arrived();
    if (dp.dragging) return;
    draw();
    scrollOnce();
  };

  dp.init();
  return { load };
};
