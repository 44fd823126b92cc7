/* Filters: which quotes are shown, by speaker, type, kind, confidence, the state of their article, and words. */
(() => {
  "use strict";
  const page = window.quotesPage;
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const toolbar = byId("toolbar");
  if (!toolbar) return;
  toolbar.hidden = false;

  const OF_QUOTES = ["speaker", "type", "kind", "confidence"];
  const NAMES = [...OF_QUOTES, "status"];
  const search = byId("search");
  const selects = Object.fromEntries(NAMES.map((name) => [name, byId(`by-${name}`)]));
  const speakerLinks = [...document.querySelectorAll("a.speaker[data-speaker]")];

  const plain = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[‘’]/g, "'").toLowerCase().replace(/\s+/g, " ");

  const articles = [...document.querySelectorAll(".article")].map((element) => ({
    element,
    status: element.dataset.status,
    entry: document.querySelector(`.contents li[data-n="${element.dataset.n}"]`),
    spans: null,
    quotes: [...element.querySelectorAll(".quote")].map((card) => ({ card, data: card.dataset, words: null })),
  }));
  const total = articles.reduce((sum, article) => sum + article.quotes.length, 0);

  /* The words a search looks through, made ready when the first search asks for them. */
  const wordsOf = (article, quote) =>
    (quote.words ??= plain(
      [".words", ".who"].map((part) => quote.card.querySelector(part).textContent).join(" ") +
        ` ${article.element.querySelector("h2").textContent}`,
    ));

  const fits = (article, quote, wanted, terms) =>
    OF_QUOTES.every((name) => wanted[name] === undefined || quote.data[name] === wanted[name]) &&
    terms.every((term) => wordsOf(article, quote).includes(term));

  /* In the text too nothing is marked that is filtered out; a place of several quotes is, while one of them is. */
  const dim = (article) => {
    article.spans ??= [...article.element.querySelectorAll(".text [data-q]")].map((span) => [span, span.dataset.q.split(" ")]);
    const hidden = new Set(article.quotes.filter((quote) => quote.card.hidden).map((quote) => quote.data.quote));
    for (const [span, numbers] of article.spans) span.classList.toggle("off", numbers.every((k) => hidden.has(k)));
    for (const ref of article.element.querySelectorAll(".text .ref")) {
      ref.classList.toggle("off", hidden.has(ref.textContent));
    }
  };

  const apply = () => {
    const wanted = Object.fromEntries(NAMES.filter((name) => name in page.address.filters).map((name) => [name, page.address.filters[name]]));
    const terms = plain(page.address.filters.search ?? "").split(" ").filter(Boolean);
    const choosy = terms.length > 0 || OF_QUOTES.some((name) => name in wanted);
    let quotes = 0;
    let shownArticles = 0;
    for (const article of articles) {
      const open = wanted.status === undefined || article.status === wanted.status;
      let here = 0;
      let changed = false;
      for (const quote of article.quotes) {
        const shown = open && fits(article, quote, wanted, terms);
        changed ||= quote.card.hidden === shown;
        quote.card.hidden = !shown;
        here += shown;
      }
      const shown = open && (here > 0 || !choosy);
      article.element.hidden = !shown;
      if (article.entry) article.entry.hidden = !shown;
      if (shown && (changed || article.stale)) dim(article);
      article.stale = !shown && (changed || article.stale);
      quotes += here;
      shownArticles += shown;
    }
    tell(quotes, shownArticles);
  };

  const tell = (quotes, shownArticles) => {
    const noun = (number, word) => `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
    const of = quotes === total && shownArticles === articles.length ? "" : `${quotes.toLocaleString("en")} of `;
    const where = of && articles.length > 1 ? ` in ${noun(shownArticles, "article")}` : "";
    byId("shown").textContent = `${of}${noun(total, "quote")}${where}`;
    byId("none-left").hidden = shownArticles > 0 || articles.length === 0;
    const active = Object.keys(page.address.filters).filter((name) => name === "search" || NAMES.includes(name)).length;
    byId("reset").hidden = active === 0;
    const badge = byId("more").querySelector(".active");
    badge.hidden = active === 0;
    badge.textContent = active;
  };

  /* The controls say what the address says. */
  const reflect = () => {
    const filters = page.address.filters;
    if (search.value.trim() !== (filters.search ?? "")) search.value = filters.search ?? "";
    search.classList.toggle("set", Boolean(filters.search));
    for (const [name, select] of Object.entries(selects)) {
      select.value = name in filters ? `=${filters[name]}` : "";
      select.classList.toggle("set", select.value !== "");
    }
    for (const link of speakerLinks) {
      if ("speaker" in filters && link.dataset.speaker === filters.speaker) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };

  page.apply = () => {
    reflect();
    apply();
    if (page.selected?.card.hidden) page.clear();
  };
  const set = (name, value) => {
    if (value === undefined) delete page.address.filters[name];
    else page.address.filters[name] = value;
    page.apply();
    page.address.write();
  };
  page.reset = () => {
    page.address.filters = {};
    page.apply();
    page.address.write();
  };
  page.showMarks = (on) => {
    root.classList.toggle("show-left", on);
    const box = byId("marks");
    if (box) box.checked = on;
  };

  search.addEventListener("input", () => set("search", search.value.trim() || undefined));
  for (const [name, select] of Object.entries(selects)) {
    select.addEventListener("change", () => set(name, select.value ? select.value.slice(1) : undefined));
  }
  byId("reset").addEventListener("click", () => {
    page.reset();
    search.focus();
  });
  byId("marks")?.addEventListener("change", (event) => page.showMarks(event.target.checked));
  byId("more").addEventListener("click", () => {
    const open = byId("choices").classList.toggle("open");
    byId("more").setAttribute("aria-expanded", String(open));
  });
  toolbar.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  for (const link of speakerLinks) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const key = link.dataset.speaker;
      const top = link.getBoundingClientRect().top;
      set("speaker", page.address.filters.speaker === key ? undefined : key);
      // What was pressed stays where it was, however much has gone from above it.
      scrollBy({ top: link.getBoundingClientRect().top - top, behavior: "instant" });
    });
  }

  const arrive = () => {
    if (!page.address.read()) return;
    page.apply();
    const [, n, k] = /^q-(\d+)-(\d+)$/.exec(page.address.target) ?? [];
    if (n) page.select(n, k);
  };
  addEventListener("hashchange", arrive);
  // The browser itself goes to the card in the address when all is loaded; the words in the text are to be seen as well.
  const again = () => {
    const [, n] = /^#a-(\d+)$/.exec(location.hash) ?? [];
    if (n) page.toArticle(n);
    else if (page.selected) page.select(page.selected.n, page.selected.k);
  };
  addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(again)));
  // On a narrow screen the articles come first.
  const overview = document.querySelector(".overview");
  if (overview && matchMedia("(max-width: 40rem)").matches) overview.open = false;
  page.apply();
  arrive();
})();
