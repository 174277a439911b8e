// The map of the province: cities as outlines, routes as lines, sites as points; no tiles.
//
// <div class="map" data-map="URL of the GeoJSON" aria-label="…"></div>
//   data-choose="city"   a click on a city sets the form's <select name="city">; so does Enter
//   data-mark='[{"id": "rt-…", "label": "1"}]'   numbers at the sites of these resources
//   data-focus="id"      the city, site, route or facility to look at
// The page's own list says the same in words: the map adds where things are. Changed attributes
// are drawn anew; an element that arrives with a part of the page is found by itself.

const PROVINCE_PADDING = [6, 6];
const CLOSEST = 14;
const here = (path) => new URL(path, import.meta.url).href;
let library;

const added = (name, properties) =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(name), properties);
    element.onload = resolve;
    element.onerror = () => reject(new Error(`${name} of the map did not load`));
    document.head.append(element);
  });

// Leaflet and its sheets are asked for when the first map comes into view.
const leaflet = () => {
  library ??= (async () => {
    await added("link", { rel: "stylesheet", href: here("vendor/leaflet/leaflet.css") });
    await Promise.all([
      added("link", { rel: "stylesheet", href: here("map.css") }),
      added("script", { src: here("vendor/leaflet/leaflet.js") }),
    ]);
    return window.L;
  })();
  return library;
};

const read = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the map's data answered ${answer.status}`);
  return answer.json();
};

class ProvinceMap {
  constructor(L, element, data) {
    Object.assign(this, { L, element, data, layers: new Map(), names: [], marks: L.layerGroup() });
    this.map = this.empty();
    this.draw();
    this.marks.addTo(this.map);
    this.refresh();
  }

  empty() {
    const { L, element } = this;
    const coarse = window.matchMedia("(pointer: coarse)").matches;
    element.replaceChildren();
    const map = L.map(element, {
      attributionControl: false,
      zoomControl: false,
      zoomSnap: 0.25,
      zoomDelta: 1,
      minZoom: 7,
      maxZoom: 16,
      // One finger scrolls the page, two move the map; the wheel turns once the map has the focus.
      dragging: !coarse,
      scrollWheelZoom: false,
    });
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    const { zoomIn, zoomOut } = this.data.words;
    L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
    L.control.attribution({ prefix: false }).addAttribution(this.data.attribution).addTo(map);
    return map;
  }

  draw() {
    const { L } = this;
    const drawn = L.geoJSON(this.data, {
      style: ({ properties }) => ({ className: this.classes(properties) }),
      pointToLayer: ({ properties }, place) =>
        L.circleMarker(place, { radius: properties.layer === "city" ? 9 : 5, className: this.classes(properties) }),
      onEachFeature: (feature, layer) => this.greet(feature, layer),
    });
    drawn.addTo(this.map);
    const label = { permanent: true, direction: "center", className: "map-name" };
    for (const [place, content] of this.names) L.tooltip(place, { ...label, content }).addTo(this.map);
    this.cities = L.featureGroup([...this.layers.values()].filter((each) => each.kind === "city"));
    this.map.fitBounds(this.cities.getBounds(), { padding: PROVINCE_PADDING, animate: false });
    this.map.setMaxBounds(drawn.getBounds().pad(0.3));
  }

  classes({ layer, operating }) {
    return operating === false ? `map-${layer} map-idle` : `map-${layer}`;
  }

  greet(feature, layer) {
    const { layer: kind, name } = feature.properties;
    layer.kind = kind;
    this.layers.set(feature.id, layer);
    if (kind === "province") {
      layer.options.interactive = false;
    } else if (kind === "city") {
      this.names.push([feature.properties.hall, this.words({ name, operating: true })]);
      this.openCity(feature, layer);
    } else {
      layer.bindTooltip(this.words(feature.properties), { sticky: true, className: "map-tip" });
      layer.bindPopup(() => this.card(feature.properties));
    }
  }

  openCity(feature, layer) {
    const choose = () => this.choose(feature);
    layer.on("click", choose);
    layer.on("add", () => {
      const shape = layer.getElement();
      const select = this.select();
      shape.setAttribute("tabindex", "0");
      shape.setAttribute("role", select ? "button" : "link");
      shape.setAttribute("aria-label", feature.properties.name);
      shape.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      });
    });
  }

  choose(feature) {
    const select = this.select();
    if (!select) {
      window.location.assign(feature.properties.href);
      return;
    }
    if (![...select.options].some((option) => option.value === feature.id)) return;
    select.value = feature.id;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  select() {
    const { choose, form } = this.element.dataset;
    if (!choose) return null;
    const around = form ? document.getElementById(form) : this.element.closest("form");
    return (around ?? document).querySelector(`select[name="${CSS.escape(choose)}"]`);
  }

  words({ name, kind, status, operating }) {
    const said = document.createElement("span");
    said.textContent = [name, kind, operating ? "" : status].filter(Boolean).join(" · ");
    return said;
  }

  card({ name, kind, status, href }) {
    const card = document.createElement("div");
    const link = Object.assign(document.createElement("a"), { href, textContent: name });
    const about = Object.assign(document.createElement("p"), { textContent: `${kind} · ${status}` });
    card.append(link, about);
    return card;
  }

  // What the attributes ask for: the chosen city, the numbers, where to look.
  refresh() {
    const { dataset } = this.element;
    this.chosen();
    this.number(dataset.mark ? JSON.parse(dataset.mark) : []);
    if (dataset.focus !== this.looked) this.look(dataset.focus);
  }

  chosen() {
    const select = this.select();
    for (const [id, layer] of this.layers) {
      if (layer.kind !== "city" || !select) continue;
      const on = select.value === id;
      layer.getElement()?.classList.toggle("map-chosen", on);
      layer.getElement()?.setAttribute("aria-pressed", String(on));
    }
  }

  // Marks at one site share a flag: "1 · 3".
  number(marks) {
    const flags = new Map();
    for (const { id, label } of marks) {
      const where = this.data.at[id] ?? id;
      if (!this.layers.has(where)) continue;
      flags.set(where, [...(flags.get(where) ?? []), label]);
    }
    this.marks.clearLayers();
    for (const [where, labels] of flags) this.flag(where, labels);
  }

  flag(where, labels) {
    const { L } = this;
    const said = Object.assign(document.createElement("span"), { textContent: labels.join(" · ") });
    const icon = L.divIcon({ className: "map-mark", html: said, iconSize: null });
    L.marker(this.centre(where), { icon, keyboard: false, interactive: false }).addTo(this.marks);
  }

  centre(id) {
    const layer = this.layers.get(id);
    return layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter();
  }

  look(id) {
    this.layers.get(this.looked)?.getElement?.()?.classList.remove("map-focus");
    this.looked = id;
    const target = this.layers.get(id) ?? this.layers.get(this.data.at[id]);
    if (!target) return;
    target.getElement()?.classList.add("map-focus");
    if (target.kind !== "city") target.bringToFront();
    if (target.getLatLng) this.map.setView(target.getLatLng(), CLOSEST, { animate: false });
    else this.map.fitBounds(target.getBounds(), { padding: [24, 24], maxZoom: CLOSEST, animate: false });
  }
}

const draw = async (element) => {
  try {
    const [L, data] = await Promise.all([leaflet(), read(element.dataset.map)]);
    const map = new ProvinceMap(L, element, data);
    new MutationObserver(() => map.refresh()).observe(element, {
      attributeFilter: ["data-mark", "data-focus"],
    });
    document.addEventListener("change", () => map.chosen());
    new ResizeObserver(() => map.map.invalidateSize()).observe(element);
  } catch (error) {
    element.classList.add("map-failed");
    console.error(error);
  }
};

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target);
    }
  },
  { rootMargin: "200px" },
);

const find = () => {
  for (const element of document.querySelectorAll(".map[data-map]:not([data-found])")) {
    element.dataset.found = "";
    element.setAttribute("role", "group");
    seen.observe(element);
  }
};

find();
document.addEventListener("htmx:after:swap", find);
