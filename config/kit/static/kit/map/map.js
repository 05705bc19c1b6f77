// Maps: outlines of countries, points on them, and picking a point. Without this the text beside a map says the same.
const WORLD = [[-60, -180], [84, 180]];
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const started = new WeakSet();
let outlines;

const dot = ({ lat, lon, label = "", url, publications = 1, members = 0 }) => {
  const mark = document.createElement(url ? "a" : "span");
  const count = publications || members;
  mark.className = `map-dot${publications ? "" : " map-members"}${count > 1 ? " map-many" : ""}`;
  if (count > 1) mark.textContent = count > 9999 ? `${Math.round(count / 1000)}k` : count;
  mark.title = label;
  if (url) {
    mark.href = url;
    mark.draggable = false;
    mark.setAttribute("aria-label", label);
  }
  const size = count > 99 ? 44 : count > 1 ? 34 : 24;
  const icon = L.divIcon({ className: "map-point", html: mark, iconSize: [size, size] });
  return L.marker([lat, lon], { icon, interactive: false, keyboard: false });
};

const draw = (frame, countries) => {
  const { country, zoomIn, zoomOut, pick, source, box } = frame.dataset;
  const element = frame.querySelector(".map");
  const map = L.map(element, {
    attributionControl: false,
    dragging: Boolean(pick) || !L.Browser.mobile, // a finger that wants to scroll the page is not held up
    fadeAnimation: !calm,
    inertia: !calm,
    markerZoomAnimation: !calm,
    maxBounds: WORLD,
    maxBoundsViscosity: 1,
    maxZoom: 9,
    minZoom: 1,
    scrollWheelZoom: false,
    zoomAnimation: !calm,
    zoomControl: false,
  });
  if (calm) map.panBy = (offset, options) => L.Map.prototype.panBy.call(map, offset, { ...options, animate: false });
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map);
  const land = L.geoJSON(countries, {
    interactive: false,
    style: ({ id }) => ({ className: country && id === country ? "map-land map-here" : "map-land" }),
  });
  const here = land.getLayers().find(({ feature }) => country && feature.id === country);
  const close = element.clientWidth < 400 ? 4 : 5; // how near one point is shown: its country, and neighbours
  const show = (points) => {
    if (points.length > 1) map.fitBounds(points.map(({ lat, lon }) => [lat, lon]), { maxZoom: close, padding: [24, 24] });
    else if (points.length) map.setView([points[0].lat, points[0].lon], close);
    else map.fitBounds(here ? here.getBounds() : WORLD, { maxZoom: close });
    land.addTo(map);
  };
  if (source && box) {
    const [south, west, north, east] = box.split(",").map(Number);
    show([{ lat: south, lon: west }, { lat: north, lon: east }]);
  } else if (source) show([]);
  if (pick) return letPick(map, element, pick.split(" ").map((id) => document.getElementById(id)), show);
  if (source) return showClusters(map, frame, source);
  const points = JSON.parse(frame.querySelector("script")?.textContent ?? "[]");
  show(points);
  points.forEach((point) => dot(point).addTo(map));
};

// What the server has put together for the part that is seen. A mark of several leads closer, and to a list of what is
// there once the map can go no closer.
const showClusters = (map, frame, source) => {
  const marks = L.layerGroup().addTo(map);
  const [summary, list, status] = ["summary", "list", "failed"].map((name) => frame.querySelector(`[data-map-${name}]`));
  let asked;
  let byKeyboard = false;
  const closer = (event, box) => {
    const bounds = L.latLngBounds([box[0], box[1]], [box[2], box[3]]);
    if (map.getBoundsZoom(bounds, false, L.point(48, 48)) <= map.getZoom()) return;
    event.preventDefault();
    byKeyboard = event.detail === 0;
    map.fitBounds(bounds, { padding: [24, 24] });
  };
  const draw = ({ spots, summary: words, url }) => {
    marks.clearLayers();
    spots.forEach((spot) => {
      const mark = dot(spot).addTo(marks);
      if (spot.box) mark.getElement().firstChild.addEventListener("click", (event) => closer(event, spot.box));
    });
    summary.textContent = words;
    list.href = url;
    if (byKeyboard) frame.querySelector(".map-dot")?.focus();
    byKeyboard = false;
  };
  const look = async () => {
    asked?.abort();
    asked = new AbortController();
    const bounds = map.getBounds();
    const box = [bounds.getSouth(), bounds.getWest(), bounds.getNorth(), bounds.getEast()].map((one) => one.toFixed(4));
    const address = new URL(source, location.href);
    address.searchParams.set("box", box.join(","));
    address.searchParams.set("zoom", map.getZoom());
    try {
      const answer = await fetch(address, { signal: asked.signal });
      if (!answer.ok) throw new Error(answer.status);
      draw(await answer.json());
      status.hidden = true;
    } catch (error) {
      if (error.name !== "AbortError") status.hidden = false;
    }
  };
  map.on("moveend", look);
  look();
};

// The two fields say where the point is, whoever wrote into them: a person, the map, or what was kept in the browser.
const letPick = (map, element, fields, show) => {
  const read = () => {
    const [lat, lon] = fields.map(({ value }) => parseFloat(value.replace(",", ".").replace("−", "-")));
    return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [{ lat, lon }] : [];
  };
  const marks = L.layerGroup().addTo(map);
  const mark = () => {
    marks.clearLayers();
    read().forEach((point) => marks.addLayer(dot(point)));
  };
  const choose = (where) => {
    const { lat, lng } = where.wrap();
    [lat, lng].forEach((degrees, index) => (fields[index].value = Number(degrees.toFixed(4))));
    fields[0].dispatchEvent(new Event("input", { bubbles: true }));
  };
  show(read());
  mark();
  map.on("click", ({ latlng }) => choose(latlng));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== element) return;
    event.preventDefault();
    choose(map.getCenter());
  });
  fields[0].form.addEventListener("input", () => {
    mark();
    const [point] = read();
    if (point && !map.getBounds().contains([point.lat, point.lon])) map.panTo([point.lat, point.lon], { animate: !calm });
  });
};

const start = async (frame) => {
  if (started.has(frame)) return;
  started.add(frame);
  const { leaflet, countries } = frame.dataset;
  outlines ??= fetch(countries).then((answer) => answer.json());
  const [shapes] = await Promise.all([outlines, import(leaflet)]); // Leaflet is no module: it sets window.L
  frame.hidden = false;
  draw(frame, shapes);
};
const startAll = (root) => root.querySelectorAll(".map-frame").forEach(start);
startAll(document);
document.addEventListener("htmx:load", ({ detail }) => startAll(detail.elt));
