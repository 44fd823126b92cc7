/* Keys: from quote to quote, search, clear, and the list of them all. */
(() => {
  "use strict";
  const page = window.quotesPage;
  const dialog = document.getElementById("keys");
  const search = document.getElementById("search");

  const step = (by) => {
    const cards = [...document.querySelectorAll(".article:not([hidden]) .quote:not([hidden])")];
    if (!cards.length) return;
    const now = page.selected ? cards.indexOf(page.selected.card) : -1;
    let next = now + by;
    if (now < 0) {
      // Begin with what is being read.
      next = cards.findIndex((card) => card.getBoundingClientRect().bottom > 0);
      if (next < 0) next = cards.length - 1;
    }
    const card = cards[Math.min(Math.max(next, 0), cards.length - 1)];
    page.select(card.closest(".article").dataset.n, card.dataset.quote);
    card.focus({ preventScroll: true });
  };

  const escape = () => {
    if (page.selected) page.clear();
    else if (Object.keys(page.address.filters).length) page.reset();
    else page.clear();
  };

  const actions = {
    j: () => step(1),
    k: () => step(-1),
    c: () => page.selected && page.copy(page.selected.n, page.selected.k),
    m: () => page.showMarks(!document.documentElement.classList.contains("show-left")),
    "/": () => search?.focus(),
    "?": () => dialog?.showModal(),
    Escape: escape,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || dialog?.open) return;
    const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (typing && event.key === "Escape") {
      typing.blur();
      if (typing === search) escape();
      return;
    }
    if (typing || !Object.hasOwn(actions, event.key)) return;
    event.preventDefault();
    actions[event.key]();
  });
  document.getElementById("help")?.addEventListener("click", () => dialog.showModal());
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    const goal = document.getElementById("articles");
    goal.focus();
    goal.scrollIntoView();
  });
})();
