// Acting: what a reviewer can do with what is looked at and with what is marked, as one bar of buttons.
(() => {
  "use strict";
  const review = window.review;
  const { element } = review;
  const bar = document.getElementById("actions");
  const told = document.getElementById("told");
  const saved = document.getElementById("saved");
  const CORRECTIONS = new Set(["content", "piece", "cue", "mention", "name", "full", "kind", "type"]);
  let forget = 0;

  review.say = (words) => {
    clearTimeout(forget);
    told.textContent = words;
    forget = setTimeout(() => { told.textContent = ""; }, 5000);
  };

  review.onsaving.push((kind, words) => {
    saved.dataset.kind = kind === "refused" ? "saved" : kind;
    saved.querySelector("span").textContent = kind === "refused" ? "Saved" : words;
    saved.querySelector("button").hidden = kind !== "failed";
    if (kind === "refused") review.say(words);
  });
  saved.querySelector("button").addEventListener("click", review.retry);

  // A command about the quote that is looked at.
  review.tell = async (command, more = {}) => {
    const item = review.item();
    if (!item) { review.say("First choose a quote."); return false; }
    const did = await review.change({ do: command, target: item.target, nth: item.nth, ...more });
    // The reviewer has yet to look at the rest of it: so the page stays there.
    if (did && CORRECTIONS.has(command)) review.say("Accepted with the change. A goes on.");
    return did;
  };

  async function decide(command) {
    if (await review.tell(command)) onward();
  }

  function onward() {
    const next = review.nextOpen();
    if (next) return review.look_at(next, true);
    review.look_at(review.current(), true);
    const { state } = review;
    if (state.article.open === 0) review.say(state.next ? "Nothing is open here any more. O opens the next article." : "All is decided.");
  }

  async function toMarked(command, key = "spans") {
    const span = review.marked();
    if (!span) return review.say("First mark words in the text.");
    const more = key === "span" ? { span } : { spans: command === "content" ? review.edited() : [span] };
    if (await (command === "add" ? review.change({ do: "add", ...more }) : review.tell(command, more))) {
      review.unmark();
      review.edit(null);
      review.look_at(review.current(), true);
    }
  }

  async function classed(reason) {
    const quotation = review.quotation();
    if (quotation && (await review.change({ do: "class", span: quotation.span, as: reason }))) onward();
  }

  const quoted = () => review.change({ do: "quote", span: review.quotation().span });
  const has = (type) => () => review.current()?.type === type || (type === "u" && review.current()?.type === "s");
  const item = () => review.item();
  const marked = () => Boolean(review.marked());
  const always = () => Boolean(review.state);

  // name: [key, words, when, what is done, where in the bar]
  review.actions = {
    on: ["a", "Go on", () => has("q")() && item().verdict === "accepted", () => onward(), "quote"],
    accept: ["a", "Accept", () => has("q")() && item().verdict !== "accepted", () => decide("accept"), "quote"],
    reject: ["r", "Reject", () => has("q")() && item().verdict !== "rejected", () => decide("reject"), "quote"],
    reopen: ["x", "Undecided", () => has("q")() && item().verdict !== "open", () => review.tell("reopen"), "quote"],
    speaker: ["s", "Speaker", has("q"), () => (marked() ? toMarked("mention") : review.chooseName()), "quote"],
    edit: ["e", "Words", has("q"), () => review.edit(review.current()), "quote"],
    quote: ["a", "It is a quote", has("u"), quoted, "quotation"],
    scare: ["1", "Irony", has("u"), () => classed("scare"), "quotation"],
    title: ["2", "Title", has("u"), () => classed("title"), "quotation"],
    term: ["3", "Term", has("u"), () => classed("term"), "quotation"],
    other: ["4", "Not said", has("u"), () => classed("other"), "quotation"],
    content: ["c", "Words", () => marked() && has("q")(), () => toMarked("content"), "marked"],
    piece: ["p", "Add piece", () => marked() && has("q")(), () => toMarked("piece"), "marked"],
    cue: ["v", "Cue", () => marked() && has("q")(), () => toMarked("cue"), "marked"],
    mention: ["s", "Speaker", () => marked() && has("q")(), () => toMarked("mention"), "marked"],
    name: ["f", "Full name", () => marked() && has("q")(), () => toMarked("full", "span"), "marked"],
    add: ["n", "New quote", marked, () => toMarked("add"), "marked"],
    details: ["g", "Details", () => has("q")() && !marked(), () => document.querySelector('[data-field="kind"]').focus(), "article"],
    done: ["d", "Article done", () => always() && !review.state.article.done, () => review.change({ do: "done" }), "article"],
    undone: ["d", "Not done", () => always() && review.state.article.done, () => review.change({ do: "undone" }), "article"],
    next: ["o", "Next open", always, () => open(), "article"],
  };

  async function open() {
    const next = review.nextOpen();
    if (next) return review.look_at(next, true);
    if (review.state.next) await review.open(review.state.next);
    else review.say("All is decided.");
  }

  review.undo = async (command) => {
    if (!review.state?.[command === "undo" ? "undoable" : "redoable"]) return review.say(`Nothing to ${command}.`);
    if (await review.change({ do: command })) review.look_at(review.current(), true);
  };

  for (const [name, [key, words, , act, group]] of Object.entries(review.actions)) {
    const button = element("button", { type: "button", "data-do": name, "aria-keyshortcuts": key }, words, element("kbd", { "aria-hidden": "true" }, key.toUpperCase()));
    // A press must not take away what is marked in the text.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () => act());
    bar.querySelector(`[data-group="${group}"]`).append(button);
  }
  for (const command of ["undo", "redo"]) document.getElementById(command).addEventListener("click", () => review.undo(command));

  // ---- what the bar shows
  function show() {
    const words = review.marked();
    for (const group of bar.querySelectorAll("[data-group]")) {
      let any = false;
      for (const button of group.querySelectorAll("button")) {
        const [, , when, , place] = review.actions[button.dataset.do];
        button.hidden = !(review.state && when()) || (Boolean(words) && place !== "marked");
        any ||= !button.hidden;
      }
      group.hidden = !any;
    }
    bar.querySelector(".about").textContent = words ? `“${shortened(review.words(...words))}”` : about();
    document.getElementById("undo").disabled = !review.state?.undoable;
    document.getElementById("redo").disabled = !review.state?.redoable;
    const height = `${bar.offsetHeight}px`;
    for (const one of document.querySelectorAll("body, #list, #told, #desk .panel")) {
      if (one.style.getPropertyValue("--actions") !== height) one.style.setProperty("--actions", height);
    }
  }

  const shortened = (words) => { const line = words.replace(/\s+/g, " "); return line.length > 60 ? `${line.slice(0, 28)} … ${line.slice(-28)}` : line; };

  const stand = ({ verdict, was }) => (verdict === "open" || verdict === "passed" ? "" : `${verdict}${verdict === "accepted" && was.length ? " with the change" : ""} · `);

  function about() {
    const stop = review.current();
    if (!stop) return review.state?.items.length ? "No quote chosen" : "Mark words to add a quote";
    if (stop.type !== "q") return `${stop.type === "u" ? "Unresolved" : "Skipped"} quotation`;
    const { mention, name, kind } = item();
    const here = mention.map((piece) => review.words(...piece)).join(" … ").replace(/\s+/g, " ");
    const who = name ?? (here || "no speaker printed");
    return `${stop.index + 1} of ${review.state.items.length} · ${stand(item())}${who}${here && here !== who ? ` (“${here}”)` : ""}${here ? `, ${kind}` : ""}`;
  }

  review.onlook.push(show);
  document.addEventListener("selectionchange", show);
  addEventListener("resize", show);
})();
