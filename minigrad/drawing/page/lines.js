// ---- Lines: how they run when the room beside them is squeezed out
// The points of a line: its two ends, or a chain of Bézier curves: a knot, and then two controls and a knot each.
function pointsOf(path) {
  const [x, y, ...rest] = path.match(/-?[\d.]+/g).map(Number);
  const all = path.includes("V") ? [x, y, x, ...rest] : path.includes("H") ? [x, y, ...rest, y] : [x, y, ...rest];
  return Array.from({ length: all.length / 2 }, (_, i) => ({ x: all[2 * i], y: all[2 * i + 1] }));
}
// The squeezed line. Its knots in the room that is gone would lie in a heap and make it spike: they are left out, and
// a new curve joins those beside them, in the directions that the line has there.
function squeezed(points, to, isGone) {
  const moved = points.map((point) => ({ ...point, [axis]: to(point[axis]) }));
  const last = points.length - 1;
  if (last === 1) return lineOf(moved);
  const shift = (i) => points[i][axis] - moved[i][axis];
  const line = moved.slice(0, 1);
  let from = 0;
  for (let i = 3; i <= last; i += 3) {
    if (i < last && isGone(points[i][axis])) continue;
    const kept = i === from + 3 && Math.abs(shift(i) - shift(from)) < 0.1;
    line.push(...(kept ? moved.slice(i - 2, i) : bend(moved[from], moved[i], heading(points, from, 1), heading(points, i, -1))), moved[i]);
    from = i;
  }
  return lineOf(line);
}
const lineOf = ([start, ...rest]) => `M${write(start)}${rest.length > 1 ? "C" : "L"}${rest.map(write).join(" ")}`;
const write = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
function heading(points, from, step) { // the direction, of length 1, in which a line leaves one of its knots
  const { x, y } = points[from];
  let dx = 0, dy = 0;
  for (let i = from + step; points[i] && !dx && !dy; i += step) [dx, dy] = [points[i].x - x, points[i].y - y];
  const length = Math.hypot(dx, dy) || 1;
  return { x: dx / length, y: dy / length };
}
function bend(start, end, leaving, entering) { // the controls of a curve that does not turn back along the flow
  const third = Math.hypot(end.x - start.x, end.y - start.y) / 3, half = Math.abs(end[axis] - start[axis]) / 2;
  return [[start, leaving], [end, entering]].map(([at, way]) => {
    const length = Math.min(third, half / (Math.abs(way[axis]) || 1));
    return { x: at.x + way.x * length, y: at.y + way.y * length };
  });
}
