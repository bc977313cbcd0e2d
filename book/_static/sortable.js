// Tables that results draw are sorted by a column when its header is pressed: by numbers, if its
// cells begin with one, else by words. A second press turns the order round.
document.addEventListener("DOMContentLoaded", () => {
  const number = (text) => {
    const found = text.replace("−", "-").match(/^[^\d\-+]{0,2}([-+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?)/i);
    return found ? parseFloat(found[1].replace(/,/g, "")) : NaN;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (Number.isNaN(x) && Number.isNaN(y)) return a.localeCompare(b);
    if (Number.isNaN(x)) return 1;
    return Number.isNaN(y) ? -1 : x - y;
  };
  document.querySelectorAll("table.qxai-table").forEach((table) => {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 5) return;
    const headers = [...table.tHead.rows[0].cells];
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
        const rows = [...body.rows];
        rows.sort((a, b) => compare(a.cells[column].textContent, b.cells[column].textContent));
        body.append(...(turned ? rows.reverse() : rows));
      });
    });
  });
});
