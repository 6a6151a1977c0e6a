const SVG = "http://www.w3.org/2000/svg";

/** The rope: it hangs slack as drawn, and the style sheet pulls it taut. */
export function drawLine() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "line");
  svg.setAttribute("viewBox", "0 0 100 20");
  svg.setAttribute("preserveAspectRatio", "none");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", "M0 1 Q50 37 100 1");
  path.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(path);
  return svg;
}
