/* Quotes in the text and their cards: what is pointed at or selected in one place is lit in both. */
(() => {
  "use strict";
  const page = window.quotesPage;
  const narrow = matchMedia("(max-width: 62rem)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let hot = [];
  let lit = [];

  const cardOf = (n, k) => document.getElementById(`q-${n}-${k}`);
  const numberOf = (element) => element.closest(".article")?.dataset.n;
  const inText = (n, selector) => [...(document.getElementById(`a-${n}`)?.querySelectorAll(`.text ${selector}`) ?? [])];
  const partsOf = (n, k) => [cardOf(n, k), ...inText(n, `[data-q~="${k}"]`)].filter(Boolean);

  /* The quote that an event in the text or on a card is about: of several at one place the innermost. */
  const quoteAt = (element) => {
    const card = element.closest(".quote");
    if (card?.id) return [numberOf(card), card.dataset.quote];
    const span = element.closest(".text [data-q]");
    if (!span) return null;
    const numbers = span.dataset.q.split(" ").filter((k) => !cardOf(numberOf(span), k)?.hidden);
    return numbers.length ? [numberOf(span), numbers.at(-1), numbers] : null;
  };

  const inSight = (element) => {
    const box = element.getBoundingClientRect();
    const top = document.getElementById("toolbar")?.offsetHeight ?? 0;
    const sheet = narrow.matches ? document.getElementById("sheet")?.offsetHeight ?? 0 : 0;
    return box.height > 0 && box.top >= top + 8 && box.bottom <= innerHeight - sheet - 8;
  };
  /* Far away articles are laid out only when they come near, which moves them: so it may take several jumps. */
  const soon = (action) => requestAnimationFrame(() => requestAnimationFrame(action));
  const jump = (element, tries) => {
    element.scrollIntoView({ block: "center", behavior: "instant" });
    if (tries > 1) soon(() => inSight(element) || jump(element, tries - 1));
  };
  page.toArticle = (n, tries = 3) => {
    document.getElementById(`a-${n}`)?.scrollIntoView({ behavior: "instant" });
    if (tries > 1) soon(() => page.toArticle(n, tries - 1));
  };
  const scrollTo = (element) => {
    if (!element || inSight(element)) return;
    const far = Math.abs(element.getBoundingClientRect().top) > 2 * innerHeight;
    if (still.matches || far) jump(element, 8);
    else element.scrollIntoView({ block: "center", behavior: "smooth" });
  };
  /* Only the panel moves, not the page. */
  const scrollPanel = (card) => {
    const panel = card.closest(".panel");
    if (narrow.matches || !panel) return;
    const inner = card.getBoundingClientRect();
    const outer = panel.getBoundingClientRect();
    if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
    const top = panel.scrollTop + inner.top - outer.top - (outer.height - inner.height) / 3;
    panel.scrollTo({ top, behavior: still.matches ? "instant" : "smooth" });
  };

  const showSheet = (card) => {
    const sheet = document.getElementById("sheet");
    if (!sheet) return;
    sheet.replaceChildren();
    sheet.hidden = !card;
    if (!card) return;
    const copy = card.cloneNode(true);
    const shown = document.createElement("div");
    shown.className = copy.className;
    shown.append(...copy.childNodes);
    shown.querySelector(".copy")?.addEventListener("click", () => page.copy(numberOf(card), card.dataset.quote));
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.textContent = "Close";
    close.addEventListener("click", () => page.clear());
    shown.append(close);
    sheet.append(shown);
  };

  /* Lights up quote k of article n and brings it into view: its card, its words in the text, or (from = null) both. */
  page.select = (n, k, from = null) => {
    const card = cardOf(n, k);
    if (!card) return false;
    if (card.hidden || card.closest(".article").hidden) page.reset?.();
    page.clear(true);
    lit = partsOf(n, k);
    for (const part of lit) part.classList.add("lit");
    card.setAttribute("aria-current", "true");
    page.selected = { n, k, card };
    page.address.target = card.id;
    page.address.write();
    showSheet(card);
    if (from !== "text") scrollTo(inText(n, `[data-q~="${k}"].content`)[0] ?? card);
    scrollPanel(card);
    for (const listener of page.onselect) listener(n, k);
    return true;
  };

  page.clear = (goesOn = false) => {
    for (const part of lit) part.classList.remove("lit");
    page.selected?.card.removeAttribute("aria-current");
    lit = [];
    page.selected = null;
    if (goesOn) return;
    showSheet(null);
    page.address.target = "";
    page.address.write();
  };

  /* What was left out: its entry in the list and its mark in the text. */
  const showLeft = (n, mark, from) => {
    const entry = document.getElementById(`${mark[0]}-${n}-${mark.slice(1)}`);
    if (!entry) return;
    page.clear();
    page.showMarks?.(true);
    const marks = inText(n, `[data-r~="${mark}"]`);
    lit = [entry, ...marks];
    for (const part of lit) part.classList.add("lit");
    entry.closest("details").open = true;
    if (from !== "text") scrollTo(marks[0]);
    if (from === "text") entry.focus({ preventScroll: !narrow.matches });
    scrollPanel(entry);
  };

  document.addEventListener("mouseover", (event) => {
    for (const part of hot) part.classList.remove("hot");
    const found = quoteAt(event.target);
    hot = found ? partsOf(found[0], found[1]) : [];
    for (const part of hot) part.classList.add("hot");
  });

  /* A link from the text leads to the card and takes the focus there, and the other way round. */
  const followed = (link) => {
    const [, letter, n, k] = /^#([qta])-(\d+)(?:-(\d+))?$/.exec(link.getAttribute("href")) ?? [];
    if (!letter) return false;
    if (letter === "a") {
      page.toArticle(n);
      page.address.target = `a-${n}`;
      page.address.write();
      return true;
    }
    const selected = page.select(n, k, letter === "q" ? "text" : "card");
    const goal = letter === "q" ? cardOf(n, k) : document.getElementById(`t-${n}-${k}`);
    if (!narrow.matches) goal?.focus({ preventScroll: true });
    return selected;
  };

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || target.closest("button, summary")) return;
    const link = target.closest("a[href]");
    if (link) {
      if (followed(link)) event.preventDefault();
      return;
    }
    if (getSelection()?.type === "Range") return; // words are being marked
    const left = target.closest("[data-r]");
    if (left && (left.matches(".left") || document.documentElement.classList.contains("show-left"))) {
      showLeft(numberOf(left), left.dataset.r.split(" ").at(-1), left.matches(".left") ? "list" : "text");
      return;
    }
    const found = quoteAt(target);
    if (!found) return;
    const [n, k, all] = found;
    const now = page.selected?.n === n ? all?.indexOf(page.selected.k) ?? -1 : -1;
    // A second click at a place of several quotes goes on to the one around.
    const next = now >= 0 && all.length > 1 ? all.at(now - 1) : k;
    page.select(n, next, target.closest(".text") ? "text" : "card");
  });

  /* The toolbar's height keeps what is scrolled to from under it. */
  const toolbar = document.getElementById("toolbar");
  if (toolbar) {
    const measure = () => document.documentElement.style.setProperty("--top", `${toolbar.offsetHeight}px`);
    new ResizeObserver(measure).observe(toolbar);
  }
})();
