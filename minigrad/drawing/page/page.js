// The picture's data: cards (boxes, by number), links and ties between them, modules, and the heats measured.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const svg = document.querySelector("#view svg");
const part = (kind, number) => $(`${svg.id}-${kind}${number}`);
const make = (name, attributes, text) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = text;
  return element;
};

// ---- Zoom and pan: the part of the drawing that is shown
const [left, top, fullWidth, fullHeight] = svg.getAttribute("viewBox").split(" ").map(Number);
svg.removeAttribute("width");
svg.removeAttribute("height");
svg.setAttribute("preserveAspectRatio", "xMidYMin meet");
svg.setAttribute("role", "group"); // an image has no parts that a screen reader could name
const axis = data.direction === "LR" ? "x" : "y"; // along the flow
let view, width = fullWidth; // of what is shown: closing modules narrows a flow to the right
const show = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
function fit() {
  const { clientWidth: w, clientHeight: h } = $("view");
  const room = axis === "y" ? w / fullWidth : h / fullHeight; // along the flow, the picture may reach out of the window
  const scale = Math.max(Math.min(room, 4 / 3), 0.05); // as large as in print, if the window allows
  view = { x: left + Math.min(width - w / scale, 0) / 2, y: top, w: w / scale, h: h / scale };
  show();
}
function zoom(factor, x = view.x + view.w / 2, y = view.y + view.h / 2) {
  const w = Math.min(Math.max(view.w * factor, 40), fullWidth * 20);
  const by = w / view.w;
  view = { x: x - (x - view.x) * by, y: y - (y - view.y) * by, w, h: view.h * by };
  show();
}
function move(dx, dy) {
  view.x += dx;
  view.y += dy;
  show();
}
const EDGE = 30; // pixels between what is brought into sight and the window's border
function reveal(element) {
  const box = element.getBoundingClientRect(), around = $("view").getBoundingClientRect(), scale = svg.getScreenCTM().a;
  const by = (low, high, from, to) => (low < from + EDGE ? low - from - EDGE : Math.max(high - to + EDGE, 0)) / scale;
  move(by(box.left, box.right, around.left, around.right), by(box.top, box.bottom, around.top, around.bottom));
}
const pointAt = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
$("view").addEventListener("wheel", (event) => {
  event.preventDefault();
  const point = pointAt(event);
  zoom(Math.exp(event.deltaY * 0.0015), point.x, point.y);
}, { passive: false });
let drag = null, dragged = false;
$("view").addEventListener("pointerdown", (event) => {
  drag = { x: event.clientX, y: event.clientY };
  dragged = false;
});
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const scale = svg.getScreenCTM().a, dx = event.clientX - drag.x, dy = event.clientY - drag.y;
  dragged ||= Math.hypot(dx, dy) > 4;
  if (!dragged) return;
  move(-dx / scale, -dy / scale);
  drag = { x: event.clientX, y: event.clientY };
});
addEventListener("pointerup", () => (drag = null));

// ---- Modules: a closed one covers its content; the room that only closed modules took is squeezed out
const HIDDEN = 4; // what is inside a closed module lies this far within its border
const closed = new Set(data.closed);
const inside = (module, outer) => {
  for (; module > outer; ) module = data.modules[module].parent;
  return module === outer;
};
const cover = (module) => {
  let outermost = 0;
  for (; module > 0; module = data.modules[module].parent) if (closed.has(module)) outermost = module;
  return outermost;
};
function closedRoom(element, rect) { // what a closed module takes along the flow: two lines of text
  const ends = [...element.querySelectorAll("text")].map((text) => text.getBBox()).map(({ x, width }) => x + width);
  return axis === "y" ? 46 : Math.max(130, ...ends.map((end) => end - rect.getBBox().x + 12));
}
const span = (box) => (axis === "y" ? [box.y, box.y + box.height] : [box.x, box.x + box.width]);
const cards = data.cards.map((card, i) => ({ ...card, element: part("n", i) }));
const frames = data.modules.map((module, i) => {
  const element = i ? part("m", i) : null;
  const rect = element && element.querySelector("rect");
  return element && { element, rect, box: rect.getBBox(), room: closedRoom(element, rect) };
});
for (const card of cards) card.box = card.element.getBBox();
const links = [...data.links.map((ends, i) => [part("e", i), ...ends, part("l", i)]), ...data.ties.map(([leaf, box]) => [part("t", leaf), leaf, box, null])]
  .filter(([element]) => element)
  .map(([element, source, target, label]) => ({ element, source, target, label, points: pointsOf(element.getAttribute("d")), box: label && label.getBBox() }));

function squeeze() {
  const gaps = [], heads = [];
  frames.forEach((frame, i) => {
    if (!frame || cover(data.modules[i].parent)) return;
    const [from, to] = span(frame.box), head = from + frame.room - HIDDEN;
    heads.push([from, head]);
    if (closed.has(i) && head < to - HIDDEN) gaps.push([head, to - HIDDEN]);
  });
  const taken = cards.filter((card) => !cover(card.module)).map((card) => span(card.box));
  for (const link of links) if (link.label && !hidden(link)) taken.push(span(link.box));
  taken.push(...heads);
  const cuts = [];
  let from = -Infinity;
  for (const [start, to] of gaps.sort((a, b) => a[0] - b[0])) {
    from = Math.max(from, start); // behind what another module, closed beside this one, has cut out
    for (const [start, end] of taken.filter((t) => t[1] > from && t[0] < to).sort((a, b) => a[0] - b[0])) {
      if (start - 8 > from) cuts.push([from, start - 8]);
      from = Math.max(from, end + 8);
    }
    if (to > from) cuts.push([from, to]);
    from = Math.max(from, to);
  }
  const to = (at) => at - cuts.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(at, to) - from), 0);
  return [to, (at) => cuts.some(([from, to]) => from <= at && at <= to)];
}
// A line's label belongs to what it starts from: it is hidden with it only where it stands inside the closed module.
const hidden = (link) => {
  const from = cover(cards[link.source].module);
  if (!from) return false;
  const frame = frames[from].box, box = link.box;
  return !box || (box.y < frame.y + frame.height && box.x < frame.x + frame.width && box.y >= frame.y && box.x >= frame.x);
};
function arrange() {
  const focused = document.activeElement;
  const [to, isGone] = squeeze();
  const shift = (element, at) => {
    const by = to(at) - at;
    element.setAttribute("transform", axis === "y" ? `translate(0 ${by})` : `translate(${by} 0)`);
  };
  for (const card of cards) {
    card.element.classList.toggle("gone", cover(card.module) > 0);
    shift(card.element, span(card.box)[0]);
  }
  for (const link of links) {
    const [from, into] = [cover(cards[link.source].module), cover(cards[link.target].module)];
    link.element.classList.toggle("gone", from > 0 && from === into);
    link.element.setAttribute("d", squeezed(link.points, to, isGone));
    link.element.classList.toggle("cut", into > 0);
    if (link.label) {
      link.label.classList.toggle("gone", hidden(link));
      shift(link.label, span(link.box)[0]);
    }
  }
  frames.forEach((frame, i) => frame && arrangeFrame(frame, i, to));
  width = axis === "x" ? to(left + fullWidth) - left : fullWidth;
  const last = data.modules.length > 1;
  $("modules").hidden = !last;
  $("modules").textContent = closed.size ? "Open all modules" : "Close all modules";
  focused?.focus(); // which a module loses when it changes its place
}
function arrangeFrame(frame, i, to) {
  const { element, rect, box } = frame;
  const [from, end] = span(box).map(to);
  const isClosed = closed.has(i);
  rect.setAttribute(axis, from);
  rect.setAttribute(axis === "y" ? "height" : "width", end - from);
  element.classList.toggle("gone", cover(data.modules[i].parent) > 0);
  element.classList.toggle("closed", isClosed);
  element.setAttribute("aria-expanded", String(!isClosed));
  for (const text of element.querySelectorAll("text")) {
    text.setAttribute("transform", axis === "y" ? `translate(0 ${from - box.y})` : `translate(${from - box.x} 0)`);
  }
  element.querySelector(".count")?.remove();
  if (isClosed) {
    const at = axis === "y" ? [box.x, from] : [from, box.y];
    element.append(make("text", { class: "muted s9 count", x: at[0] + 10, y: at[1] + 34 }, `► ${data.modules[i].operations} operations, closed`));
  }
  // A closed module stands above the lines, so that they end at its border; an open one below them.
  if (isClosed) svg.insertBefore(element, part("n", 0));
  else svg.insertBefore(element, part("e", 0) || part("t", data.ties[0]?.[0]) || part("n", 0));
}
function toggle(module) {
  if (!closed.delete(module)) closed.add(module);
  arrange();
}

// ---- Heat: the share of each operation, by colour and in digits
const LIMITS = [0.01, 0.03, 0.1, 0.3];
function heat(name) {
  const shares = data.heats[name] || {};
  $("scale").hidden = !name;
  cards.forEach((card, i) => {
    if (!card.box_kind) return;
    const share = shares[i];
    card.element.setAttribute("class", card.element.getAttribute("class").replace(/ ?\bh\d\b/g, "") + ` h${share === undefined ? 0 : LIMITS.filter((limit) => share >= limit).length}`);
    card.element.querySelector(".share")?.remove();
    if (!share) return;
    const digits = share < 0.005 ? "<1%" : `${Math.round(share * 100)}%`;
    const title = card.element.querySelector("text");
    const x = card.box.x + card.box.width - 9;
    card.element.append(make("text", { class: "share b s11", x, y: title.getAttribute("y"), "text-anchor": "end" }, digits));
  });
}
for (const [name, title] of Object.entries({ "": "none", time: "time", memory: "saved bytes", grad: "gradient" })) {
  if (name === "" || data.heats[name]) $("heat").append(new Option(title, name));
}
$("heat").parentElement.hidden = $("heat").length === 1;
$("heat").value = data.heat || "";
$("heat").addEventListener("change", (event) => heat(event.target.value));

// ---- The card on hover or focus
const escape = (text) => String(text).replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
function histogram(counts, low, high, kind) {
  if (!counts.length) return "";
  const tallest = Math.max(...counts), step = 220 / counts.length;
  const bars = counts.map((n, i) => `<rect x="${(i * step).toFixed(1)}" y="${(30 - (30 * n) / tallest).toFixed(1)}" width="${(step - 0.8).toFixed(1)}" height="${((30 * n) / tallest).toFixed(1)}"/>`);
  return `<svg class="${kind}" width="220" height="44" fill="currentColor" role="img" aria-label="histogram of the ${kind === "grad" ? "gradient" : "value"}">${bars.join("")}<text y="42" font-size="10">${low}</text><text x="220" y="42" font-size="10" text-anchor="end">${high}</text></svg>`;
}
function describe(card) {
  const tensor = data.tensors[card.tensor] || {}, [v, g] = [tensor.value, tensor.gradient];
  const lines = [`<h2>${escape(card.name)}</h2>`];
  const what = [card.detail, tensor.shape, tensor.dtype, tensor.bytes].filter(Boolean).map(escape);
  if (what.length) lines.push(`<p>${what.join(" · ")}</p>`);
  if (card.cost) lines.push(`<p>${escape(card.cost)}</p>`);
  if (card.badge) lines.push(`<p class="grad"><b>▲ ${escape(card.badge)}</b></p>`);
  if (v || g) {
    lines.push(`<table><tr><th></th>${v ? '<td class="value">value</td>' : ""}${g ? '<td class="grad">gradient</td>' : ""}</tr>`);
    const scalar = tensor.shape === "scalar";
    (scalar ? [""] : ["rms", "mean", "least", "greatest", "not finite"]).forEach((name, i) => {
      const numbers = [v, g].filter(Boolean).map((s) => (scalar ? s[1] || s[0] : s[i]));
      if (numbers.some(Boolean)) lines.push(`<tr><th>${name}</th>${numbers.map((number) => `<td>${number || ""}</td>`).join("")}</tr>`);
    });
    lines.push("</table>");
    if (v) lines.push(histogram(v[5], v[2], v[3], "value"));
    if (g) lines.push(histogram(g[5], g[2], g[3], "grad"));
  }
  if (card.line) lines.push(`<p><code>${escape(card.line)}</code></p>`);
  return lines.join("");
}
function tell(card, element) { // beside the box, so that it stays in sight
  const tip = $("card"), box = element.getBoundingClientRect();
  tip.innerHTML = describe(card);
  tip.hidden = false;
  const right = box.right + 14, left = box.left - tip.offsetWidth - 14;
  const beside = right + tip.offsetWidth < innerWidth || left < 4 ? Math.min(right, innerWidth - tip.offsetWidth - 8) : left;
  tip.style.left = `${Math.max(4, beside)}px`;
  tip.style.top = `${Math.max(4, Math.min(box.top, innerHeight - tip.offsetHeight - 8))}px`;
}

// ---- Following a node: all that it stands on, and the way its gradient comes back
let chosen = null;
function reach(start, from, to) {
  const found = new Set([start]), unread = [start];
  while (unread.length) {
    const at = unread.pop();
    for (const link of links) {
      if (link[from] === at && !found.has(link[to])) {
        found.add(link[to]);
        unread.push(link[to]);
      }
    }
  }
  return found;
}
function follow(number) {
  chosen = number === chosen ? null : number;
  svg.classList.toggle("following", chosen !== null);
  const before = chosen === null ? new Set() : reach(chosen, "target", "source");
  const after = chosen === null ? new Set() : reach(chosen, "source", "target");
  cards.forEach((card, i) => {
    card.element.classList.toggle("kept", before.has(i) || after.has(i));
    card.element.classList.toggle("back", after.has(i));
    card.element.classList.toggle("chosen", i === chosen);
  });
  for (const link of links) {
    const back = after.has(link.source) && after.has(link.target);
    const kept = back || (before.has(link.source) && before.has(link.target));
    link.element.classList.toggle("kept", kept);
    link.element.classList.toggle("back", back && !link.element.classList.contains("dash"));
    link.label?.classList.add("label");
    link.label?.classList.toggle("kept", kept);
  }
}
cards.forEach((card, i) => {
  if (card.kind === "line") return;
  const { element } = card;
  element.querySelector("title")?.remove(); // the card says more than the browser's own tooltip
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", [card.kind, card.name, card.detail, data.tensors[card.tensor]?.shape].filter(Boolean).join(" "));
  element.addEventListener("pointermove", () => drag || tell(card, element));
  element.addEventListener("pointerleave", () => ($("card").hidden = true));
  element.addEventListener("focus", () => {
    if (!element.matches(":focus-visible")) return;
    reveal(element);
    tell(card, element);
  });
  element.addEventListener("blur", () => ($("card").hidden = true));
  element.addEventListener("click", () => dragged || follow(i));
});
frames.forEach((frame, i) => {
  if (!frame) return;
  const { element } = frame;
  element.setAttribute("tabindex", "0");
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", `module ${data.modules[i].name}`);
  element.addEventListener("focus", () => element.matches(":focus-visible") && reveal(element.querySelector("text")));
  element.addEventListener("click", (event) => {
    if (!dragged && (event.target !== frame.rect || closed.has(i))) toggle(i);
  });
});
$("modules").addEventListener("click", () => {
  if (closed.size) closed.clear();
  else data.modules.forEach((_, i) => i && closed.add(i));
  arrange();
});

// ---- Search
let hits = [], hit = 0;
function search(text) {
  const wanted = text.trim().toLowerCase();
  svg.classList.toggle("searching", wanted !== "");
  hits = [];
  cards.forEach((card, i) => {
    const words = [card.name, card.detail, card.kind, data.tensors[card.tensor]?.shape, data.modules[card.module].name].join(" ").toLowerCase();
    const found = wanted !== "" && card.kind !== "line" && words.includes(wanted);
    card.element.classList.toggle("hit", found);
    card.element.classList.remove("at");
    if (found) hits.push(i);
  });
  hit = 0;
  $("found").textContent = wanted ? `${hits.length} found` : "";
}
function next() {
  if (!hits.length) return;
  const at = hits[hit++ % hits.length], card = cards[at];
  for (const i of hits) cards[i].element.classList.toggle("at", i === at);
  for (let module = card.module; module > 0; module = data.modules[module].parent) closed.delete(module);
  arrange();
  reveal(card.element);
  $("found").textContent = `${((hit - 1) % hits.length) + 1} of ${hits.length}`;
}
$("search").addEventListener("input", (event) => search(event.target.value));

// ---- Theme: the system's, until it is switched
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = (name) => (root.className = name);
let switched = data.theme === "dark";
if (!switched) theme(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => switched || theme(dark.matches ? "dark" : "light"));
$("theme").addEventListener("click", () => {
  switched = true;
  theme(root.className === "dark" ? "light" : "dark");
});

// ---- Keys
$("in").addEventListener("click", () => zoom(0.8));
$("out").addEventListener("click", () => zoom(1.25));
$("fit").addEventListener("click", fit);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { target, key } = event;
  if (key === "Escape") {
    $("search").value = "";
    search("");
    if (chosen !== null) follow(chosen);
    $("card").hidden = true;
    return;
  }
  if (target.id === "search") {
    if (key === "Enter") next();
    return;
  }
  if (target.tagName === "SELECT" || target.tagName === "BUTTON") return;
  const step = view.w / 12;
  const actions = {
    "/": () => $("search").focus(), "+": () => zoom(0.8), "=": () => zoom(0.8), "-": () => zoom(1.25), 0: fit,
    ArrowLeft: () => move(-step, 0), ArrowRight: () => move(step, 0), ArrowUp: () => move(0, -step), ArrowDown: () => move(0, step),
    Enter: () => target.dispatchEvent(new Event("click")),
  };
  actions[" "] = actions.Enter;
  if (!actions[key]) return;
  event.preventDefault();
  actions[key]();
});
addEventListener("resize", fit);
if (data.heat) heat(data.heat);
arrange();
fit();
