// Keys: one for each thing that can be done. Nothing happens while somebody writes into a field.
(() => {
  "use strict";
  const review = window.review;
  const help = document.getElementById("help");

  const others = {
    j: () => review.step(1),
    k: () => review.step(-1),
    "]": () => review.neighbour(1), "[": () => review.neighbour(-1),
    u: () => review.undo("undo"), U: () => review.undo("redo"),
    m: () => document.querySelector('[data-field="note"]')?.focus(),
    t: () => document.querySelector('[data-field="type"]')?.focus(),
    "/": () => review.findArticle(),
    "?": () => help.showModal(),
    Escape: () => { review.unmark(); review.edit(null); if (document.body.classList.contains("listing")) review.toggleList(); },
  };

  function withControl(event) {
    const key = event.key.toLowerCase();
    if (key === "z") review.undo(event.shiftKey ? "redo" : "undo");
    else if (key === "y") review.undo("redo");
    else return false;
    return true;
  }

  function whileEditing(event) {
    if (/^Arrow/.test(event.key)) review.move(event.key, event.shiftKey);
    else if (event.key === "e") review.turn();
    else if (event.key === "Enter") review.actions.content[3]();
    else return false;
    return true;
  }

  function act(event) {
    if (review.editing() && whileEditing(event)) return true;
    const fitting = Object.values(review.actions).filter(([key, , when]) => key === event.key && when());
    // What is done with marked words comes before what is done with the quote.
    const action = fitting.find(([, , , , group]) => group === "marked") ?? fitting[0];
    if (action) action[3]();
    else if (event.key === "e") review.begin();
    else if (others[event.key]) others[event.key]();
    else return false;
    return true;
  }

  addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || !review.state) return;
    const field = event.target.closest?.("input, select, textarea");
    if (field) {
      if (event.key === "Escape" || (event.key === "Enter" && field.dataset.field)) { field.blur(); event.preventDefault(); }
      return;
    }
    const button = event.target.closest?.("button, summary, a[href]");
    if (button && (event.key === "Enter" || event.key === " ")) return;
    if (event.altKey) return;
    const did = event.ctrlKey || event.metaKey ? withControl(event) : act(event);
    if (did) event.preventDefault();
  });

  document.getElementById("help-button").addEventListener("click", () => help.showModal());
  for (const close of document.querySelectorAll("dialog .close")) close.addEventListener("click", () => close.closest("dialog").close());
  for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
})();
