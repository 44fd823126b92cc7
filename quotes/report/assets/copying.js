/* Copying a quote with its attribution, also where a page from the disk has no clipboard of its own. */
(() => {
  "use strict";
  const page = window.quotesPage;
  const line = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();

  const attribution = (card) => {
    const article = card.closest(".article");
    const words = line(card.querySelector(".words"));
    const name = line(card.querySelector(".who .name"));
    const printed = line(card.querySelector(".who .printed"));
    const title = line(article.querySelector("h2"));
    const id = article.dataset.id.replace(/\s+/g, " ").trim();
    const url = article.querySelector(".meta a[href]")?.href;
    const who = printed ? `${name} (${printed})` : name;
    const where = title === id ? id : `“${title}” (${id})`;
    return `“${words}” — ${who}, ${where}${url ? `, ${url}` : ""}`;
  };

  const copyByHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true;
    area.className = "visually-hidden";
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
    return done;
  };

  page.copy = async (n, k) => {
    const card = document.getElementById(`q-${n}-${k}`);
    if (!card) return;
    const text = attribution(card);
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      done = copyByHand(text);
    }
    page.tell(done ? `Quote ${k} copied` : "The browser lets nothing be copied: mark the words and copy them");
  };

  for (const card of document.querySelectorAll(".quote[id]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy quote ${card.dataset.quote}`);
    button.addEventListener("click", () => page.copy(card.closest(".article").dataset.n, card.dataset.quote));
    card.append(button);
  }
})();
