// Ranks what Sphinx's search finds, and shows the sentence around a word instead of the source.
// topics.js says what each page is about.
(() => {
  const stemmer = new Stemmer();
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const asked = splitQuery(query.toLowerCase());
  const stemsOf = (text) => splitQuery(text.toLowerCase()).map((word) => stemmer.stemWord(word));
  const share = (words, among) => words.filter((word) => among.includes(word)).length / words.length;

  // A chapter about the words comes first, then what has them in its title, then the reference.
  Scorer.score = ([page, title, anchor, description, score]) => {
    const topic = TOPICS[page] ?? { words: {}, chapter: false };
    const words = asked.map((word) => stemmer.stemWord(word));
    if (!words.length) return score;
    const about = words.reduce((sum, word) => sum + (topic.words[word] ?? 0), 0) / words.length;
    const entitled = share(words, stemsOf(`${title} ${page.split("/").pop()}`));
    const whole = anchor === "" && description === null; // a page, not a part of one
    return score / 10 + 60 * about + (whole ? 70 * entitled + 20 : 0) + (topic.chapter ? 40 : 0);
  };

  const UNSAID = [
    ".cell_input", ".headerlink", ".highlight", ".onlyprint", ".qxai-definitions", "details.hide",
    "nav", "pre", "script", "style",
  ].join();
  const PIECES = "p, li, dd, td, figcaption";
  const LENGTH = 240;

  const cut = (text, begin) => {
    const piece = text.slice(begin, begin + LENGTH);
    const end = begin + LENGTH < text.length ? piece.lastIndexOf(" ") : piece.length;
    return `${begin ? "… " : ""}${piece.slice(0, end)}${end < piece.length ? " …" : ""}`;
  };
  // What was typed first, then its words, then what they begin with.
  const sought = () =>
    [query.toLowerCase().trim(), ...asked, ...asked.map((w) => stemmer.stemWord(w).slice(0, -1))]
      .filter((word) => word.length > 2);
  const around = (texts) => {
    for (const word of sought()) {
      for (const text of texts) {
        const at = text.toLowerCase().indexOf(word);
        if (at >= 0) return cut(text, at < LENGTH / 2 ? 0 : text.indexOf(" ", at - LENGTH / 2) + 1);
      }
    }
    return cut(texts[0] ?? "", 0);
  };
  const paragraph = (text) => {
    const summary = document.createElement("p");
    summary.className = "context";
    summary.textContent = text;
    return summary;
  };
  // Sentences first, then those with formulas, which are not shown, then cells of tables.
  const rank = (piece) => (piece.closest("table") ? 2 : piece.querySelector(".math") ? 1 : 0);
  const written = (piece) => {
    piece.querySelectorAll(".math").forEach((formula) => (formula.textContent = "…"));
    return piece.textContent.replace(/\s+/g, " ").trim();
  };
  const pieces = (root) =>
    [...root.querySelectorAll(PIECES)]
      .filter((piece) => !piece.querySelector("p, li") && !piece.closest(".admonition-title"))
      .map((piece) => [rank(piece), piece])
      .sort(([a], [b]) => a - b)
      .map(([, piece]) => written(piece));

  Search.makeSearchSummary = (html, keywords, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(UNSAID).forEach((element) => element.remove());
    const article = page.querySelector("article") ?? page.body;
    const part = (anchor && article.querySelector(`[id="${anchor.slice(1)}"]`)) || article;
    return paragraph(around([...pieces(part), ...pieces(article)]));
  };

  // As files, pages cannot be fetched: say what each is about.
  if (location.protocol !== "file:") return;
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  const describe = (item) => {
    const [path] = item.querySelector("a").getAttribute("href").split("#");
    const topic = TOPICS[path.replace(/\.html$/, "")];
    if (topic?.about && !item.querySelector(".context")) item.append(paragraph(topic.about));
  };
  const results = document.getElementById("search-results");
  const watch = new MutationObserver(() =>
    results.querySelectorAll("ul.search > li").forEach(describe)
  );
  watch.observe(results, { childList: true, subtree: true });
})();
