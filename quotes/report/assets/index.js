"use strict";
// The index of a report: search, filters and pages of the list of articles. The entries lie in files of JSON wrapped in
// a call, because a page opened from a disk can load scripts and nothing else. A file is loaded when it is needed.
(() => {
  const { articles, folder, firsts, rows: SHOWN } = JSON.parse(document.getElementById("data-index").textContent);
  const STATUSES = ["complete", "partial", "failed"];
  const HELD = 200, AHEAD = 4, MOST_WORDS = 30, NAMES = 6, NAME = 60, FEW = 15;
  const byId = (id) => document.getElementById(id);
  const [form, query, status, words, found, list, pager, turn, chosen] =
    ["finder", "query", "status", "words", "found", "rows", "pager", "turn", "chosen"].map(byId);

  // ------------------------------------------------------------------ files
  const waiting = new Map();
  const held = new Map();

  window.quotesIndex = {
    take(kind, number, rows) {
      const file = kind + number;
      if (kind === "s") for (const row of rows) row.push(fold([row[1], row[2] || "", ...row[6]].join("\n")));
      else for (const row of rows) row[1] = fold(row[1]);
      waiting.get(file)?.resolve(rows);
    },
  };

  const load = (kind, number) => {
    const file = kind + number;
    const known = held.get(file);
    if (known) {
      held.delete(file);
      held.set(file, known);
      return known;
    }
    const rows = new Promise((resolve, reject) => {
      waiting.set(file, { resolve });
      const script = document.createElement("script");
      script.src = `${folder}${kind}${String(number).padStart(4, "0")}.js`;
      script.onload = () => script.remove();
      script.onerror = () => reject(new Error(script.src));
      document.head.append(script);
    }).finally(() => waiting.delete(file));
    rows.catch(() => held.delete(file));
    held.set(file, rows);
    if (held.size > HELD) held.delete(held.keys().next().value);
    return rows;
  };

  // Each of the files of a kind in turn, the next ones on their way already.
  const each = async (kind, file) => {
    for (let next = file; next < Math.min(file + AHEAD, firsts[kind].length); next += 1) load(kind, next + 1);
    return load(kind, file + 1);
  };

  // Where the article with this number (from 0) is: in the last file that begins with it or before it.
  const fileOf = (at) => {
    let low = 0, high = firsts.s.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (firsts.s[middle] <= at + 1) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  const entry = async (at) => {
    const file = fileOf(at);
    return (await load("s", file + 1))[at + 1 - firsts.s[file]];
  };

  // ----------------------------------------------------------------- search
  // Case, accents and the shape of apostrophes are no difference.
  const fold = (text) => {
    if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
    return text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/[‘’]/g, "'").replace(/[“”]/g, '"').toLowerCase();
  };

  const termsOf = (text) =>
    [...fold(text).matchAll(/"([^"]+)"|[^\s"]+/g)].map((term) => (term[1] ?? term[0]).trim())
      .filter(Boolean).slice(0, MOST_WORDS);

  let state = { q: "", status: "", words: false, speaker: "", page: 1 };
  let hits = null; // numbers from 0 of the articles that fit; null: all of them
  let search = 0;

  const pause = () => new Promise((resolve) => setTimeout(resolve));

  // All words have to be in the entry or, where that is asked for, in the quotes; each word is one bit.
  const find = async () => {
    const mine = ++search;
    const terms = termsOf(state.q), all = 2 ** terms.length - 1;
    const speaker = fold(state.speaker);
    if (!terms.length && !state.status && !speaker) {
      hits = null;
      return show(mine);
    }
    const among = new Int32Array(articles).fill(-1);
    const files = firsts.s.length + (state.words && terms.length ? firsts.w.length : 0);
    let done = 0, last = performance.now();
    const step = async () => {
      done += 1;
      if (performance.now() - last < 100 || done === files) return true;
      collect(among, all);
      await show(mine, done / files);
      await pause();
      last = performance.now();
      return mine === search;
    };
    for (let file = 0; file < firsts.s.length; file += 1) {
      const rows = await each("s", file);
      if (mine !== search) return;
      const first = firsts.s[file] - 1;
      for (let place = 0; place < rows.length; place += 1) {
        const row = rows[place];
        if (state.status && row[3] !== +state.status) continue;
        if (speaker && !row[6].some((name) => fold(name) === speaker)) continue;
        let bits = 0;
        for (let term = 0; term < terms.length; term += 1) if (row[7].includes(terms[term])) bits |= 1 << term;
        among[first + place] = bits;
      }
      if (!(await step())) return;
    }
    if (state.words && terms.length) {
      for (let file = 0; file < firsts.w.length; file += 1) {
        const pieces = await each("w", file);
        if (mine !== search) return;
        for (const [number, text] of pieces) {
          if (among[number - 1] < 0) continue;
          for (let term = 0; term < terms.length; term += 1) if (text.includes(terms[term])) among[number - 1] |= 1 << term;
        }
        if (!(await step())) return;
      }
    }
    collect(among, all);
    await show(mine);
  };

  const collect = (among, all) => {
    hits = [];
    for (let at = 0; at < among.length; at += 1) if (among[at] === all) hits.push(at);
  };

  // ------------------------------------------------------------------- list
  const made = (name, text, kind) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  const counted = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

  const item = (at, [page, id, title, status_, quotes, unresolved, names]) => {
    const link = made("a");
    link.href = `${folder}p${String(page).padStart(4, "0")}.html#a-${at + 1}`;
    link.append(made("bdi", title || id));
    const line = made("li");
    line.append(link);
    if (title) {
      const named = made("span", undefined, "id");
      named.append(made("bdi", id));
      line.append(named);
    }
    const counts = made("span", undefined, "counts");
    if (status_) counts.append(made("strong", STATUSES[status_], `status ${STATUSES[status_]}`), " ");
    counts.append(counted(quotes, "quote") + (unresolved ? ` · ${unresolved.toLocaleString("en")} unresolved` : ""));
    line.append(counts);
    if (names.length) {
      const said = made("span", undefined, "said");
      names.slice(0, NAMES).forEach((name, place) => {
        said.append(...(place ? [", "] : []), made("bdi", [...name].slice(0, NAME).join("")));
      });
      if (names.length > NAMES) said.append(`, ${names.length - NAMES} more`);
      line.append(said);
    }
    return line;
  };

  const show = async (mine, share) => {
    const count = hits ? hits.length : articles;
    const pages = Math.max(1, Math.ceil(count / SHOWN));
    if (share === undefined) state.page = Math.min(Math.max(1, state.page), pages);
    const start = (Math.min(state.page, pages) - 1) * SHOWN;
    const numbers = Array.from({ length: Math.min(SHOWN, count - start) }, (_, k) => (hits ? hits[start + k] : start + k));
    const entries = await Promise.all(numbers.map(entry));
    if (mine !== search) return;
    list.replaceChildren(...numbers.map((at, place) => item(at, entries[place])));
    list.start = start + 1;
    pager.hidden = pages < 2;
    byId("pages").textContent = pages.toLocaleString("en");
    turn.max = pages;
    turn.value = state.page;
    byId("previous").disabled = state.page <= 1;
    byId("following").disabled = state.page >= pages;
    const all = counted(articles, "article");
    const told = hits ? `${count ? count.toLocaleString("en") : "none"} of ${all}` : all;
    found.textContent = share === undefined ? told : `${told}, searching: ${Math.round(100 * share)}%`;
    if (share === undefined) document.documentElement.dataset.ready = `${mine}`;
  };

  // ---------------------------------------------------------------- address
  const read = () => {
    const said = new URLSearchParams(location.hash.slice(1));
    state = {
      q: said.get("q") ?? "",
      status: /^[0-2]$/.test(said.get("status") ?? "") ? said.get("status") : "",
      words: said.get("words") === "1",
      speaker: said.get("speaker") ?? "",
      page: Math.floor(Number(said.get("page"))) || 1,
    };
    query.value = state.q;
    status.value = state.status;
    words.checked = state.words;
    tell();
  };

  const tell = () => {
    form.querySelector("[type=reset]").hidden = !(state.q || state.status || state.words || state.speaker);
    chosen.hidden = !state.speaker;
    chosen.querySelector("bdi").textContent = state.speaker;
  };

  const write = () => {
    const said = new URLSearchParams();
    for (const name of ["q", "status", "speaker"]) if (state[name]) said.set(name, state[name]);
    if (state.words) said.set("words", "1");
    if (state.page > 1) said.set("page", state.page);
    const hash = said.toString();
    // A browser allows only so many changes of the address a minute; the search goes on without.
    try {
      history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
    } catch { /* the address stays as it was */ }
  };

  const failed = (error) => {
    found.textContent = `A file of this report is missing: ${error.message}`;
  };

  const change = (changes) => {
    Object.assign(state, { page: 1 }, changes);
    tell();
    write();
    find().catch(failed);
  };

  const go = (page, focus) => {
    state.page = page;
    write();
    show(search).then(() => focus && byId("articles-heading").scrollIntoView(), failed);
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    query.value = status.value = "";
    words.checked = false;
    change({ q: "", status: "", words: false, speaker: "" });
    query.focus();
  });
  query.addEventListener("input", () => change({ q: query.value }));
  status.addEventListener("change", () => change({ status: status.value }));
  words.addEventListener("change", () => change({ words: words.checked }));
  chosen.querySelector("button").addEventListener("click", () => {
    change({ speaker: "" });
    query.focus();
  });
  byId("previous").addEventListener("click", () => go(state.page - 1, true));
  byId("following").addEventListener("click", () => go(state.page + 1, true));
  turn.addEventListener("change", () => go(Math.floor(Number(turn.value)) || 1, true));
  addEventListener("hashchange", () => {
    if (!location.hash.includes("=") && location.hash.length > 1) return; // an anchor on the page
    read();
    find().catch(failed);
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    query.focus();
  });

  // --------------------------------------------------------------- speakers
  const who = byId("who"), more = byId("all");
  const people = [...document.querySelectorAll("table.speakers tbody tr")];
  const names = people.map((row) => fold(row.querySelector("bdi").textContent));
  let open = false;
  const narrow = () => {
    const wanted = fold(who.value.trim());
    let shown = 0, fitting = 0;
    people.forEach((row, place) => {
      const fits = !wanted || names[place].includes(wanted);
      fitting += fits;
      row.hidden = !fits || (!open && shown >= FEW);
      shown += !row.hidden;
    });
    more.hidden = shown === fitting;
    more.textContent = `Show ${(fitting - shown).toLocaleString("en")} more`;
  };
  who.addEventListener("input", narrow);
  more.addEventListener("click", () => {
    open = true;
    narrow();
  });
  document.querySelector("table.speakers").addEventListener("click", (event) => {
    if (!event.target.closest("a")) return;
    event.preventDefault();
    change({ speaker: event.target.closest("tr").querySelector("bdi").textContent });
    byId("articles").scrollIntoView();
    byId("chosen").querySelector("button").focus({ preventScroll: true });
  });

  // On a phone the list comes first.
  if (matchMedia("(max-width: 40rem)").matches) byId("overview")?.removeAttribute("open");
  form.hidden = false;
  byId("who-label").hidden = people.length <= FEW;
  narrow();
  read();
  find().catch(failed);
  // What a first search needs is there before it is typed.
  (window.requestIdleCallback ?? setTimeout)(async () => {
    for (let file = 1; file <= Math.min(firsts.s.length, HELD / 2); file += 1) await load("s", file).catch(() => undefined);
  });
})();
