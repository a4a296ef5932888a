// What a reader could trip over in a picture: called with an <svg>, returns a list of complaints.
const svg = arguments[0], complaints = [];
const known = new Map();
const box = (element) => {
  if (!known.has(element)) {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    known.set(element, { left, top, right, bottom });
  }
  return { ...known.get(element) };
};
const within = (a, b, slack) => a.left >= b.left - slack && a.right <= b.right + slack && a.top >= b.top - slack && a.bottom <= b.bottom + slack;
const meets = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5;
const visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).display !== "none";
const rgb = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map((c) => c / 255);
const luminance = (colour) => {
  const [r, g, b] = rgb(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};
const fill = (element) => getComputedStyle(element).fill;
const texts = [...svg.querySelectorAll("text")].filter(visible);
const shapes = [...svg.querySelectorAll("rect, circle")].filter(visible).map((element) => ({ element, area: box(element) }));
const say = (what, ...elements) => complaints.push(`${what}: ${elements.map((e) => e.textContent.slice(0, 60)).join(" | ")}`);
const page = box(svg);
const scale = svg.getScreenCTM().a;

for (const text of texts) {
  if (!within(box(text), page, 0.5)) say("outside the picture", text);
  if (parseFloat(getComputedStyle(text).fontSize) * scale < 9) say("smaller than 9 px", text);
  const area = box(text), middle = { x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 };
  const under = shapes.filter(({ element, area: b }) => {
    const around = b.left <= middle.x && middle.x <= b.right && b.top <= middle.y && middle.y <= b.bottom;
    return around && element.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
  });
  if (under.length === 0) {
    say("outside the picture", text);
    continue;
  }
  const ratio = contrast(fill(text), fill(under.at(-1).element));
  if (ratio < 4.5) say(`contrast ${ratio.toFixed(2)}`, text);
}
const nodes = [...svg.querySelectorAll(".node")].filter(visible);
for (const node of nodes) {
  const border = node.querySelector("rect, circle");
  if (!border) continue;
  for (const text of node.querySelectorAll("text")) {
    const t = box(text);
    t.top += (t.bottom - t.top) * 0.12; // the box of a text has room for accents above its capitals
    if (!within(t, box(border), 0.5)) say("text outside its box", text);
  }
}
const labels = [...svg.querySelectorAll(".label")].filter(visible);
const solid = [...nodes, ...labels];
solid.forEach((a, i) => solid.slice(i + 1).forEach((b) => meets(box(a), box(b)) && say("overlap", a, b)));
const modules = [...svg.querySelectorAll("g.module")].filter(visible);
for (const module of modules) {
  const frame = box(module.querySelector("rect"));
  for (const text of module.querySelectorAll("text")) {
    if (!within(box(text), frame, 0.5)) say("title outside its module", text);
    for (const other of solid) if (meets(box(text), box(other))) say("title on something", text, other);
  }
  for (const node of nodes) {
    const b = box(node);
    if (meets(b, frame) && !within(b, frame, 1)) say("across a module's border", node, module);
  }
  for (const other of modules) {
    const b = box(other.querySelector("rect"));
    if (other !== module && meets(b, frame) && !within(b, frame, 0.5) && !within(frame, b, 0.5)) say("modules overlap", module, other);
  }
}
// Lines run beside texts and boxes, not through them; each ends at the box it belongs to.
const inner = ({ left, top, right, bottom }) => ({ left: left + 3, top: top + 3, right: right - 3, bottom: bottom - 3 });
const obstacles = [...solid, ...texts.filter((text) => text.closest("g.module"))].map((element) => ({ element, area: inner(box(element)) }));
for (const line of [...svg.querySelectorAll("path.line")].filter(visible)) {
  if (line.closest(".node")) continue;
  const matrix = line.getScreenCTM(), length = line.getTotalLength();
  const points = Array.from({ length: Math.ceil(length / 4) }, (_, i) => line.getPointAtLength(i * 4).matrixTransform(matrix));
  for (const { element, area } of obstacles) {
    if (points.some((p) => p.x > area.left && p.x < area.right && p.y > area.top && p.y < area.bottom)) {
      say(`line ${line.id} runs through`, element);
    }
  }
}
return complaints;
