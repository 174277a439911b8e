// Draws the pictures of a run from plain numbers; the sentences and tables beside them say the same.
const box = document.querySelector("#pictures");
const drawings = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = () => ({
  ink: token("--pico-color"),
  muted: token("--pico-muted-color"),
  line: token("--pico-muted-border-color"),
  card: token("--pico-card-background-color"),
  main: token("--pico-primary"),
  second: token("--held"),
  good: token("--good"),
});
const one = (value) => (value === null ? "–" : value.toFixed(1));
const interval = ({ mean, low, high }) =>
  low === null ? one(mean) : `${one(mean)}  [${one(low)} – ${one(high)}]`;

// Room for the longest name, as far as the picture allows; measured, as the library cuts off letters.
const LABEL = 12;
const pen = document.createElement("canvas").getContext("2d");
function labelled(names, width) {
  pen.font = `${LABEL}px ${token("--pico-font-family-sans-serif")}`;
  const longest = Math.max(0, ...names.map((name) => pen.measureText(name).width));
  return Math.min(Math.ceil(longest) + 4, 240, Math.round(width * 0.4));
}

const axis = (c, more) => ({
  nameLocation: "middle",
  nameTextStyle: { color: c.muted },
  axisLabel: { color: c.muted, hideOverlap: true },
  axisLine: { lineStyle: { color: c.line } },
  splitLine: { lineStyle: { color: c.line, opacity: 0.6 } },
  ...more,
});
const frame = (c, data, more) => ({
  animation: !calm.matches && drawings.size === 0,
  textStyle: { color: c.ink, fontFamily: token("--pico-font-family-sans-serif") },
  aria: { enabled: true, label: { description: data.title } },
  tooltip: { renderMode: "richText", confine: true, backgroundColor: c.card, borderColor: c.line, textStyle: { color: c.ink } },
  ...more,
});

// ---- demand curve: lines with the band of their intervals ------------------------------------

function band(c, colour, points, key) {
  const stack = `${key}-band`;
  const at = (value) => points.map((each) => [each.level, value(each[key])]);
  const plain = { type: "line", stack, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  return [
    { ...plain, name: stack, data: at((each) => each.low ?? each.mean), stackStrategy: "all" },
    {
      ...plain,
      name: stack,
      data: at((each) => (each.low === null ? 0 : each.high - each.low)),
      stackStrategy: "all",
      areaStyle: { color: colour, opacity: 0.22 },
    },
  ];
}

function curve(data, c) {
  const line = (key, colour, more) => ({
    type: "line",
    name: data.names[key],
    data: data.points.map((each) => [each.level, each[key].mean]),
    symbolSize: 8,
    color: colour,
    ...more,
  });
  const base = frame(c, data);
  return frame(c, data, {
    tooltip: {
      ...base.tooltip,
      trigger: "item",
      formatter: ({ seriesName, dataIndex, seriesIndex }) => {
        const key = seriesIndex === 4 ? "sessions" : "hours";
        return `${data.points[dataIndex].level} ×\n${seriesName}: ${interval(data.points[dataIndex][key])} %`;
      },
    },
    legend: { data: [data.names.sessions, data.names.hours], textStyle: { color: c.ink }, top: 0 },
    grid: { left: 48, right: 20, top: 44, bottom: 48 },
    xAxis: axis(c, { type: "value", name: data.x, nameGap: 28, min: "dataMin", max: "dataMax" }),
    yAxis: axis(c, { type: "value", min: 0, max: 100, axisLabel: { color: c.muted, formatter: "{value} %" } }),
    series: [
      ...band(c, c.main, data.points, "sessions"),
      ...band(c, c.second, data.points, "hours"),
      line("sessions", c.main, { symbol: "circle" }),
      line("hours", c.second, { symbol: "diamond", lineStyle: { type: "dashed" } }),
    ],
  });
}

// ---- bars with the whiskers of their intervals -------------------------------------------------

function whisker(params, api) {
  const [low, high] = [api.coord([api.value(1), api.value(0)]), api.coord([api.value(2), api.value(0)])];
  const style = { stroke: api.visual("color"), lineWidth: 1.5, fill: "none" };
  const stroke = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
  return {
    type: "group",
    children: [
      stroke(low[0], low[1], high[0], high[1]),
      stroke(low[0], low[1] - 5, low[0], low[1] + 5),
      stroke(high[0], high[1] - 5, high[0], high[1] + 5),
    ],
  };
}

const bars = (data, c, width, colour, { min: least = -Infinity, max: most = Infinity } = {}) => {
  const listed = data.bars.toReversed();
  const names = listed.map((each) => each.name);
  const label = labelled(names, width);
  const whiskers = listed.flatMap((each, place) => (each.low === null ? [] : [[place, Math.max(each.low, least), Math.min(each.high, most)]]));
  return frame(c, data, {
    tooltip: { ...frame(c, data).tooltip, formatter: ({ dataIndex, seriesIndex }) => (seriesIndex === 0 ? `${listed[dataIndex].name}\n${interval(listed[dataIndex])}` : "") },
    grid: { left: label + 16, right: 24, top: 10, bottom: 56 },
    xAxis: axis(c, { type: "value", name: data.x, nameGap: 28, ...(most < Infinity && { min: least, max: most }) }),
    yAxis: axis(c, {
      type: "category",
      data: names,
      axisLabel: { color: c.ink, fontSize: LABEL, width: label, overflow: listed.length > 10 ? "truncate" : "break" },
    }),
    series: [
      { type: "bar", barMaxWidth: 16, data: listed.map((each) => ({ value: each.mean, itemStyle: { color: colour(each), opacity: 0.75, decal: each.sure === false ? { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -0.8, color: c.card } : null } })) },
      { type: "custom", renderItem: whisker, encode: { x: [1, 2], y: 0 }, data: whiskers, color: c.ink, silent: true, z: 3 },
    ],
  });
};

// An interval of a share is drawn as far as shares go.
const shares = (data, c, width) => bars(data, c, width, () => c.main, { min: 0, max: 100 });

// What cannot be told apart from the best is held together by a bracket beside the bars.
function bracket(data, c) {
  const tied = data.bars.flatMap((each, place) => (each.tied ? [data.bars.length - 1 - place] : []));
  if (!data.tied) return [];
  const [top, bottom] = [Math.max(...tied), Math.min(...tied)];
  return [{
    type: "custom",
    data: [[top, bottom]],
    silent: true,
    z: 4,
    renderItem: (params, api) => {
      const x = params.coordSys.x + params.coordSys.width + 8;
      const [from, to] = [api.coord([0, api.value(0)])[1] - 8, api.coord([0, api.value(1)])[1] + 8];
      const style = { stroke: c.muted, lineWidth: 2, fill: "none" };
      const shape = { points: [[x - 5, from], [x, from], [x, to], [x - 5, to]] };
      const said = { text: data.tied, x: x + 4, y: (from + to) / 2, rotation: -Math.PI / 2, align: "center", verticalAlign: "top", fill: c.muted, fontSize: 11 };
      return { type: "group", children: [{ type: "polyline", shape, style }, { type: "text", style: { text: said.text, fill: said.fill, fontSize: 11, align: "center", verticalAlign: "top" }, x: said.x, y: said.y, rotation: Math.PI / 2, originX: 0, originY: 0 }] };
    },
  }];
}

function ranking(data, c, width) {
  const option = bars(data, c, width, (each) => (each.sure ? c.good : c.muted));
  option.grid.right = data.tied ? 44 : 24;
  option.series.push(...bracket(data, c));
  return option;
}

// ---- heat map ----------------------------------------------------------------------------------

function heat(data, c, width) {
  const label = labelled(data.rows, width);
  const most = Math.max(10, Math.ceil(Math.max(...data.cells.map((each) => each[2])) / 10) * 10);
  const ink = (share) => (share > most * 0.6 ? c.card : c.ink);
  return frame(c, data, {
    tooltip: { ...frame(c, data).tooltip, formatter: ({ value: [column, row, share] }) => `${data.rows[row]}  ${data.columns[column]}\n${data.value}: ${one(share)}` },
    grid: { left: label + 16, right: 8, top: 10, bottom: 96 },
    xAxis: axis(c, { type: "category", data: data.columns, name: data.x, nameGap: 28, splitArea: { show: false } }),
    yAxis: axis(c, {
      type: "category",
      data: data.rows,
      inverse: true,
      axisLabel: { color: c.ink, fontSize: LABEL, width: label, overflow: "truncate" },
    }),
    visualMap: {
      min: 0,
      max: most,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemWidth: 12,
      itemHeight: 120,
      text: [`${Math.round(most)} %`, "0 %"],
      textStyle: { color: c.muted },
      inRange: { color: [c.card, c.main] },
    },
    series: [{
      type: "heatmap",
      data: data.cells.map((value) => ({ value, label: { color: ink(value[2]) } })),
      itemStyle: { borderColor: c.line, borderWidth: 1 },
      label: { show: Boolean(data.labels), formatter: ({ value }) => Math.round(value[2]) },
    }],
  });
}

const DRAW = { curve, ranking, shares, heat };

// ---- the page ------------------------------------------------------------------------------------

function place(id, data) {
  let section = box.querySelector(`[data-picture="${id}"]`);
  if (!section) {
    section = document.createElement("section");
    section.className = "picture";
    section.dataset.picture = id;
    for (const [tag, name, said] of [["h2", "", data.title], ["p", "lead", data.lead], ["div", "drawing", ""]]) {
      const part = document.createElement(tag);
      part.className = name;
      part.textContent = said;
      section.append(part);
    }
    box.append(section);
  }
  section.querySelector(".lead").textContent = data.lead;
  return section.querySelector(".drawing");
}

// A picture is as high as its neighbour, which is known only when both are drawn.
function chartIn(element) {
  const chart = echarts.init(element);
  new ResizeObserver(() => chart.resize()).observe(element);
  return chart;
}

function draw(id, data) {
  const element = place(id, data);
  const rows = (data.bars ?? data.rows ?? []).length;
  element.classList.toggle("tall", rows > 8);
  const chart = drawings.get(id)?.chart ?? chartIn(element);
  chart.resize();
  chart.setOption(DRAW[data.draw](data, colours(), element.clientWidth), true);
  drawings.set(id, { chart, data });
}

async function refresh() {
  const answer = await fetch(box.dataset.src, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  for (const data of await answer.json()) draw(data.id, data);
}

function redraw() {
  for (const [id, { data }] of drawings) draw(id, data);
}

if (box) {
  refresh();
  dark.addEventListener("change", redraw);
  addEventListener("resize", redraw);
  document.addEventListener("htmx:after:swap", () => {
    // The run is over: the page has more to say than the part that was watched.
    if (document.querySelector("#progress[data-over]")) location.reload();
    else refresh();
  });
}
