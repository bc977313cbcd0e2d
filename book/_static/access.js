// What scrolls sideways can be reached and moved with the keyboard; what does not is no tab stop.
document.addEventListener("DOMContentLoaded", () => {
  const BOXES = [
    "pre", "div.math", ".output", ".pst-scrollable-table-container", ".cell_output",
    ".qxai-figure", ".qxai-circuit",
  ].map((one) => `.bd-article ${one}`).join();
  const boxes = [...document.querySelectorAll(BOXES)];
  const scrolls = (box) =>
    box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX);
  const mark = () => {
    const found = boxes.map((box) => [box, scrolls(box)]);
    found.forEach(([box, yes]) => (yes ? (box.tabIndex = 0) : box.removeAttribute("tabindex")));
  };
  const soon = () => setTimeout(mark, 100);
  mark();
  addEventListener("load", mark);
  document.addEventListener("load", mark, true); // pictures that come late
  addEventListener("resize", soon);
  document.addEventListener("toggle", mark, true); // folds that open
  window.MathJax?.startup?.promise?.then(mark);
});
// On paper nothing is folded, and ink is dark.
addEventListener("beforeprint", () => {
  const root = document.documentElement;
  root.dataset.shown = root.dataset.theme;
  root.dataset.theme = "light";
  document.querySelectorAll("details:not([open])").forEach((fold) => {
    fold.open = true;
    fold.dataset.opened = "";
  });
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.theme = document.documentElement.dataset.shown;
  document.querySelectorAll("details[data-opened]").forEach((fold) => {
    fold.open = false;
    delete fold.dataset.opened;
  });
});
