// The article on the desk: its text and cards, what is decided about each, and which of them is looked at.
(() => {
  "use strict";
  const review = window.review;
  const desk = document.getElementById("desk");
  const VERDICTS = { open: "To decide", accepted: "Accepted", passed: "Passed with the article", rejected: "Rejected" };
  const KINDS = ["person", "organization", "document", "group", "anonymous", "unknown"];
  let current = null, article = null, shown = 0, refs = new Map();
  review.onlook = [];

  review.element = (name, properties = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties)) {
      if (key in made && key !== "list") made[key] = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };
  const element = review.element;

  // ---- what can be looked at: quotes (q), and quotations that are none of them (u unresolved, s skipped)
  review.current = () => current;
  review.item = () => (current?.type === "q" ? review.state.items[current.index] : null);
  review.quotation = () => (current && current.type !== "q" ? left(current.type)[current.index] : null);
  const left = (type) => (type === "u" ? review.state.unresolved.map((span) => ({ span })) : review.state.skipped);
  const spansOf = (stop) => (stop.type === "q" ? review.state.items[stop.index].content : [left(stop.type)[stop.index].span]);

  function stops() {
    const all = review.state.items.map((item, index) => ({ type: "q", index, at: item.content[0][0] }));
    review.state.unresolved.forEach((span, index) => all.push({ type: "u", index, at: span[0] }));
    return all.sort((a, b) => a.at - b.at);
  }

  const passed = (span) => review.state.passed.some((one) => one[0] === span[0] && one[1] === span[1]);
  const isOpen = (stop) => (stop.type === "u" ? !passed(review.state.unresolved[stop.index]) : review.state.items[stop.index].verdict === "open");
  const rankOf = (stop) => (stop.type === "u" ? 0 : review.state.items[stop.index].rank ?? 0);

  // The open one of the lowest confidence; of equal ones the next in the text.
  review.nextOpen = () => {
    if (review.state.article.done) return null;
    const here = current ? spansOf(current)[0][0] : -1;
    const far = (stop) => (stop.at > here ? 0 : 1);
    const open = stops().filter((stop) => isOpen(stop) && !same(stop, current));
    return open.sort((a, b) => rankOf(a) - rankOf(b) || far(a) - far(b) || a.at - b.at)[0] ?? null;
  };

  review.step = (by) => {
    const all = stops();
    if (!all.length) return;
    const here = current ? spansOf(current)[0][0] : -1;
    let place = all.findIndex((stop) => same(stop, current));
    if (place < 0) place = by > 0 ? all.findIndex((stop) => stop.at > here) - 1 : all.findIndex((stop) => stop.at >= here);
    const next = all[place + by];
    if (next) review.look_at(next, true);
  };

  const same = (a, b) => Boolean(a && b && a.type === b.type && a.index === b.index);

  // ---- showing
  review.onstate.push((state) => {
    const about = state.about && JSON.stringify([state.about.target, state.about.nth]);
    const stay = shown === state.article.number ? about ?? keyOf(current) : null;
    const panel = desk.querySelector(".panel")?.scrollTop ?? 0;
    const focused = document.activeElement?.closest("#desk") ? document.activeElement.dataset.field : null;
    if (!state.html) {
      for (const index of Object.keys(state.changed)) dress(Number(index), state);
      tellStand(state);
      review.previous = state;
      return review.look_at(stay ? found(stay) : null, false, focused);
    }
    const parsed = new DOMParser().parseFromString(state.html, "text/html");
    article = document.adoptNode(parsed.querySelector("article"));
    article.querySelector(".speakers")?.remove();
    for (const link of article.querySelectorAll("h2 a")) link.replaceWith(...link.childNodes);
    desk.replaceChildren(article);
    review.look(article.querySelector(".text"), state.text);
    decorate(state);
    article.querySelector(".panel").scrollTop = panel;
    const fresh = shown !== state.article.number;
    shown = state.article.number;
    review.previous = state;
    current = stay ? found(stay) : null;
    if (fresh) {
      scrollTo({ top: 0, behavior: "instant" });
      review.unmark();
      review.look_at(review.nextOpen() ?? stops()[0] ?? null, false);
    } else review.look_at(current, false, focused);
  });

  // A lasting name for what is looked at, and what it is in the state of now.
  function keyOf(stop) {
    if (!stop || !review.previous) return null;
    const before = review.previous;
    if (stop.type === "q") return JSON.stringify([before.items[stop.index]?.target, before.items[stop.index]?.nth]);
    return JSON.stringify((stop.type === "u" ? before.unresolved[stop.index] : before.skipped[stop.index]?.span) ?? null);
  }

  function found(key) {
    const state = review.state;
    const item = state.items.findIndex((one) => JSON.stringify([one.target, one.nth]) === key);
    if (item >= 0) return { type: "q", index: item };
    const open = state.unresolved.findIndex((span) => JSON.stringify(span) === key);
    if (open >= 0) return { type: "u", index: open };
    const skipped = state.skipped.findIndex((one) => JSON.stringify(one.span) === key);
    return skipped >= 0 ? { type: "s", index: skipped } : null;
  }

  function decorate(state) {
    refs = new Map();
    for (const ref of article.querySelectorAll(".ref")) {
      const key = ref.getAttribute("href");
      refs.set(key, [...(refs.get(key) ?? []), ref]);
    }
    state.items.forEach((item, index) => {
      dress(index, state, false);
      if (item.origin !== "run") cardOf(index).querySelector(".tags").replaceChildren(element("span", {}, item.type ?? item.marked), " ", element("span", {}, item.kind));
    });
    for (const span of article.querySelectorAll(".text [data-q]")) strike(span, state);
    const rest = article.querySelector(".rest");
    if (rest && state.unresolved.length) rest.open = true;
    article.querySelector(".facts").append(element("li", { className: "stand" }));
    tellStand(state);
  }

  // What is decided about one quote, on its card and where it stands in the text.
  function dress(index, state, anew = true) {
    const item = state.items[index], card = cardOf(index);
    const marks = [];
    if (item.origin === "added") marks.push("added by hand");
    if (item.origin === "kept") marks.push("not in this run");
    if (item.was.length) marks.push(`corrected: ${item.was.join(", ")}`);
    const badge = element("p", { className: "verdict" }, element("b", {}, VERDICTS[item.verdict]));
    if (marks.length) badge.append(` · ${marks.join(" · ")}`);
    if (anew) for (const old of card.querySelectorAll(".verdict, .noted")) old.remove();
    card.querySelector(".words").before(badge);
    if (item.note) card.append(element("p", { className: "noted" }, item.note));
    for (const one of [card, ...(refs.get(`#${card.id}`) ?? [])]) {
      one.classList.remove(...Object.keys(VERDICTS));
      one.classList.add(item.verdict);
    }
    if (anew) for (const span of printed({ type: "q", index })) strike(span, state);
  }

  function strike(span, state) {
    const numbers = span.dataset.q.split(" ").map((number) => state.items[number - 1]);
    span.classList.toggle("off", numbers.every((item) => item.verdict === "rejected"));
  }

  function tellStand({ article: now }) {
    article.querySelector(".stand").textContent = now.done ? "Done" : now.reviewed ? "Reviewed" : `${now.open} to decide`;
  }

  const cardOf = (index) => document.getElementById(`q-${review.state.article.number}-${index + 1}`);
  const listed = (stop) => (stop.type === "q" ? cardOf(stop.index) : article.querySelector(`.left[data-r="${stop.type}${stop.index + 1}"]`));
  const printed = (stop) => article.querySelectorAll(stop.type === "q" ? `.text [data-q~="${stop.index + 1}"]` : `.text [data-r~="${stop.type}${stop.index + 1}"]`);

  // Make `stop` the one that is looked at, and bring it into view; with `focus` for those who hear the page too.
  review.look_at = (stop, focus, field = null) => {
    for (const lit of article?.querySelectorAll(".lit") ?? []) { lit.classList.remove("lit"); lit.removeAttribute("aria-current"); }
    article?.querySelector(".details")?.remove();
    current = stop && listed(stop) ? { type: stop.type, index: stop.index } : null;
    if (current) {
      const card = listed(current);
      if (current.type !== "q") article.querySelector(".rest").open = true;
      card.classList.add("lit");
      card.setAttribute("aria-current", "true");
      for (const span of printed(current)) span.classList.add("lit");
      if (current.type === "q") card.append(details(review.item()));
      reveal(card);
      if (field) card.querySelector(`[data-field="${field}"]`)?.focus({ preventScroll: true });
      else if (focus) card.focus({ preventScroll: true });
    }
    for (const hear of review.onlook) hear(current);
  };

  // First the words in the text, then the card, in what the bars leave of the window.
  function reveal(card) {
    const low = innerHeight - document.getElementById("actions").offsetHeight - 24;
    const high = document.querySelector(".bar").offsetHeight + 16;
    const box = review.range(spansOf(current)[0]).getBoundingClientRect();
    if (box.top < high || box.bottom > low) scrollBy({ top: box.top - high - Math.max((low - high - box.height) / 3, 0), behavior: "instant" });
    const panel = article.querySelector(".panel");
    if (getComputedStyle(panel).overflowY !== "auto" || panel.scrollHeight <= panel.clientHeight) return;
    const [around, own] = [panel.getBoundingClientRect(), card.getBoundingClientRect()];
    const [top, bottom] = [Math.max(around.top, high), Math.min(around.bottom, low)];
    if (own.top < top || own.bottom > bottom) panel.scrollTop += own.top - top - Math.max((bottom - top - own.height) / 2, 0);
  }

  function details(item) {
    const choose = (label, field, values, value, change) => {
      const select = element("select", { "data-field": field });
      for (const [key, words] of values) select.append(element("option", { value: key, selected: key === value }, words));
      select.addEventListener("change", () => change(select.value));
      return element("label", {}, label, select);
    };
    const types = [["", `${item.marked}, as marked`], ...["direct", "indirect", "mixed"].map((type) => [type, type])];
    const note = element("input", { type: "text", value: item.note, maxLength: 4000, "data-field": "note", placeholder: "A remark" });
    note.addEventListener("change", () => review.tell("note", { note: note.value.trim() }));
    return element("div", { className: "details" },
      choose("Kind", "kind", KINDS.map((kind) => [kind, kind]), item.kind, (kind) => review.tell("kind", { kind })),
      choose("Type", "type", types, item.type ?? "", (type) => review.tell("type", { type: type || null })),
      element("label", { className: "wide" }, "Note", note));
  }

  // ---- clicks
  desk.addEventListener("click", (event) => {
    if (event.target.closest(".details")) return;
    const card = event.target.closest(".quote, .left[data-r]");
    const ref = event.target.closest(".ref, .number");
    if (ref) event.preventDefault();
    if (ref?.matches(".ref")) return review.look_at({ type: "q", index: Number(ref.textContent) - 1 }, false);
    if (card) return review.look_at(card.dataset.quote ? { type: "q", index: card.dataset.quote - 1 } : { type: card.dataset.r[0], index: card.dataset.r.slice(1) - 1 }, false);
    const span = event.target.closest(".s");
    if (!span || review.marked()) return;
    const numbers = (span.dataset.q ?? "").split(" ").filter(Boolean).map((number) => number - 1);
    const size = (index) => review.state.items[index].content.reduce((sum, [start, end]) => sum + end - start, 0);
    const own = numbers.filter((index) => review.state.items[index].content.some(([start, end]) => start <= span.dataset.s && span.dataset.s < end));
    const choice = (own.length ? own : numbers).sort((a, b) => size(a) - size(b))[0];
    if (choice !== undefined) review.look_at({ type: "q", index: choice }, false);
    else if (span.dataset.r) { const mark = span.dataset.r.split(" ").at(-1); review.look_at({ type: mark[0], index: mark.slice(1) - 1 }, false); }
  });
})();
