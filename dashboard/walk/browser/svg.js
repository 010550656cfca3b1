// Parts of a drawing.

export function element(kind, told) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(told)) made.setAttribute(name, value);
  return made;
}

export function line(x1, y1, x2, y2, kind) {
  return element("line", { x1, y1, x2, y2, class: kind });
}

export function text(x, y, says, kind, anchor) {
  const made = element("text", { x, y, class: kind, "text-anchor": anchor });
  made.textContent = says;
  return made;
}
