// Shows what a term of the glossary means beside the word: when the pointer rests on it, when it
// has the keyboard's focus, or at the first tap. Escape, or leaving it, takes the box away.
document.addEventListener("DOMContentLoaded", () => {
  const MARGIN = 8;
  const box = document.createElement("div");
  box.className = "qxai-definition";
  box.hidden = true;
  box.setAttribute("aria-hidden", "true"); // the word itself names its description
  document.body.append(box);
  let shown = null;
  let leaving = 0;

  const hide = () => {
    box.hidden = true;
    shown = null;
  };
  const leave = () => {
    leaving = setTimeout(hide, 200); // time for the pointer to reach the box
  };
  const stay = () => clearTimeout(leaving);
  const place = (word) => {
    const [line] = word.getClientRects();
    const furthest = document.documentElement.clientWidth - box.offsetWidth - MARGIN;
    const left = Math.max(MARGIN, Math.min(line.left, furthest));
    const below = line.bottom + MARGIN / 2;
    const fits = below + box.offsetHeight <= innerHeight;
    const top = fits ? below : line.top - MARGIN / 2 - box.offsetHeight;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${top + scrollY}px`;
  };
  const show = (word) => {
    stay();
    const meaning = document.getElementById(word.getAttribute("aria-describedby"));
    box.replaceChildren(...[...meaning.childNodes].map((node) => node.cloneNode(true)));
    box.hidden = false;
    shown = word;
    place(word);
  };

  document.querySelectorAll("a.qxai-term").forEach((word) => {
    let firstTap = false;
    word.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(word));
    word.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && leave());
    word.addEventListener("pointerdown", (event) => {
      firstTap = event.pointerType === "touch" && shown !== word;
    });
    word.addEventListener("click", (event) => {
      if (firstTap) event.preventDefault();
      if (firstTap) show(word);
      firstTap = false;
    });
    word.addEventListener("focus", () => show(word));
    word.addEventListener("blur", hide);
  });
  box.addEventListener("pointerenter", stay);
  box.addEventListener("pointerleave", leave);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("pointerdown", (event) => {
    if (shown && !event.target.closest(".qxai-term, .qxai-definition")) hide();
  });
});
