// The list of articles, the least sure first, a part at a time; and how far the review is.
(() => {
  "use strict";
  const review = window.review;
  const { element } = review;
  const nav = document.getElementById("list");
  const entries = nav.querySelector("ol");
  const words = nav.querySelector("[type=search]");
  const open = nav.querySelector("[type=checkbox]");
  const more = nav.querySelector(".more");
  const toggle = document.getElementById("articles");
  const RANKS = ["low", "medium", "high"];
  let count = 0, asked = 0, later = 0, sought = "";

  async function load(start) {
    const mine = ++asked;
    const part = await review.list(words.value, open.checked, start);
    if (mine !== asked || !part.articles) return;
    sought = words.value;
    if (start === 0) entries.replaceChildren();
    entries.append(...part.articles.map(entry));
    count = part.count;
    more.hidden = entries.children.length >= count;
    nav.querySelector(".none").hidden = count > 0;
    progress(part.progress);
    current();
    return part;
  }

  const shown = (one) => one.reviewed ? "reviewed" : one.open ? `${one.open} to decide` : "nothing to decide";

  function entry(one) {
    const button = element("button", { type: "button", "data-number": String(one.number) }, element("bdi", { className: "title" }, one.title), element("span", { className: "how" }));
    button.addEventListener("click", async () => { if (await review.open(one.number)) hide(); });
    const made = element("li", {}, button);
    fill(made, one);
    return made;
  }

  function fill(made, one) {
    made.className = one.reviewed ? "reviewed" : "";
    const doubt = RANKS[one.rank] === "low" && one.open ? [element("b", { className: "low" }, "low"), " · "] : [];
    made.querySelector(".how").replaceChildren(...doubt, shown(one));
  }

  function progress(now) {
    const meter = document.getElementById("progress");
    meter.querySelector("progress").max = Math.max(now.quotes, 1);
    meter.querySelector("progress").value = now.decided;
    meter.querySelector("span").replaceChildren(
      element("b", {}, `${now.decided.toLocaleString("en")} of ${now.quotes.toLocaleString("en")}`), " reviewed",
      element("span", { className: "wide" }, ` · ${now.reviewed.toLocaleString("en")} of ${now.articles.toLocaleString("en")} articles`));
  }

  function current() {
    const number = String(review.state?.article.number ?? "");
    for (const button of entries.querySelectorAll("button")) {
      const is = button.dataset.number === number;
      if (is) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
      if (is && button.offsetParent) button.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
  }

  function hide() { document.body.classList.remove("listing"); toggle.setAttribute("aria-expanded", "false"); }
  review.toggleList = () => {
    const listing = document.body.classList.toggle("listing");
    toggle.setAttribute("aria-expanded", String(listing));
    if (listing) words.focus();
  };
  review.findArticle = () => { if (!words.offsetParent) review.toggleList(); words.focus(); words.select(); };

  review.neighbour = (by) => {
    const buttons = [...entries.querySelectorAll("button")];
    const place = buttons.findIndex((button) => button.hasAttribute("aria-current"));
    buttons[place + by]?.click();
  };

  review.onstate.push((state) => {
    progress(state.progress);
    const button = entries.querySelector(`[data-number="${state.article.number}"]`);
    if (button) fill(button.parentElement, state.article);
    history.replaceState(null, "", `/#${state.article.number}`);
    document.title = `${state.article.title} · Review`;
    current();
  });

  toggle.addEventListener("click", review.toggleList);
  words.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => load(0), 150); });
  words.addEventListener("keydown", async (event) => {
    if (event.isComposing || !["Enter", "ArrowDown", "Escape"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return leave();
    clearTimeout(later);
    if (sought !== words.value) await load(0);
    const first = entries.querySelector("button");
    if (!first) return;
    if (event.key === "ArrowDown") return first.focus();
    if (await review.open(Number(first.dataset.number))) { hide(); review.look_at(review.current(), true); }
    words.blur();
  });
  entries.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...entries.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    if (!by || place < 0) return;
    event.preventDefault();
    event.stopPropagation();
    (place + by < 0 ? words : buttons[Math.min(place + by, buttons.length - 1)]).focus();
  });

  // With nothing sought any more the keys are the page's again; on a small screen the list goes too.
  function leave() {
    if (words.value) { words.value = ""; load(0); } else hide();
    words.blur();
  }

  open.addEventListener("change", () => load(0));
  more.addEventListener("click", () => load(entries.children.length));
  addEventListener("hashchange", () => { const wanted = Number(location.hash.slice(1)); if (wanted && wanted !== review.state?.article.number) review.open(wanted); });

  (async () => {
    const wanted = Number(location.hash.slice(1));
    history.replaceState(null, "", `/${location.hash}`);
    const part = await load(0);
    const first = part?.articles.find((one) => one.open) ?? part?.articles[0];
    if (!(wanted && (await review.open(wanted))) && first) await review.open(first.number);
  })();
})();
