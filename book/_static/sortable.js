// Tables that results draw are sorted by a column when its header is pressed: by numbers, if all of
// its cells begin with one, else by words. A second press turns the order round; what is missing
// stays last.
document.addEventListener("DOMContentLoaded", () => {
  const START = /^[[(≥±*]*([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d+)?)(?![\w^])/i;
  const written = (cell) => cell.textContent.trim().replaceAll("−", "-");
  const isMissing = (text) => text === "" || text === "–" || text === "-";
  const number = (text) => {
    const found = text.match(START);
    return found && /\d/.test(found[1]) ? parseFloat(found[1].replaceAll(",", "")) : NaN;
  };
  const sorted = (rows, column, sign) => {
    const keyed = rows.map((row) => [written(row.cells[column]), row]);
    const there = keyed.filter(([text]) => !isMissing(text));
    const numeric = there.every(([text]) => !Number.isNaN(number(text)));
    const compare = numeric
      ? (a, b) => number(a) - number(b)
      : (a, b) => a.localeCompare(b, undefined, { numeric: true });
    there.sort(([a], [b]) => sign * compare(a, b));
    return [...there, ...keyed.filter(([text]) => isMissing(text))].map(([, row]) => row);
  };
  document.querySelectorAll("table.qxai-table").forEach((table) => {
    const body = table.tBodies[0];
    const headers = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (!body || body.rows.length < 5) return;
    headers.forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "qxai-sort";
      button.textContent = header.textContent || "row";
      button.title = "sort by this column";
      header.replaceChildren(button);
      button.addEventListener("click", () => {
        const turned = header.getAttribute("aria-sort") === "ascending";
        headers.forEach((other) => other.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", turned ? "descending" : "ascending");
        body.append(...sorted([...body.rows], column, turned ? -1 : 1));
      });
    });
  });
});
