// Names: who a quote is by, chosen from the names that the article prints, the nearest first.
(() => {
  "use strict";
  const review = window.review;
  const { element } = review;
  const dialog = document.getElementById("names");
  const list = dialog.querySelector("ol");
  const filter = dialog.querySelector("input");
  let offered = [];

  function distance(name, item) {
    // Who speaks is hardly named in the words themselves.
    const outside = name.mentions.filter(([start, end]) => !item.content.some(([from, to]) => start < to && from < end));
    const gaps = outside.flatMap(([start, end]) => [...item.content, ...item.cue].map(([from, to]) => Math.max(start - to, from - end, 0)));
    return Math.min(...gaps, 1e9);
  }

  review.chooseName = () => {
    const item = review.item();
    if (!item) return;
    offered = review.state.names.map((name) => ({ ...name, far: distance(name, item) })).sort((a, b) => a.far - b.far);
    const [first, ...more] = item.content;
    dialog.querySelector(".about").textContent = `“${review.words(...first).replace(/\s+/g, " ").slice(0, 140)}${more.length ? " …" : ""}”`;
    filter.value = "";
    fill();
    dialog.showModal();
    list.querySelector("button")?.focus();
  };

  function fill() {
    const words = filter.value.toLocaleLowerCase();
    const item = review.item();
    const fitting = offered.filter((name) => name.name.toLocaleLowerCase().includes(words));
    list.replaceChildren(...fitting.slice(0, 200).map((name, index) => {
      const now = item.name === name.name;
      const button = element("button", { type: "button" }, element("kbd", {}, index < 9 ? String(index + 1) : "·"), element("bdi", {}, name.name),
        element("span", { className: "count" }, now ? "as it is" : name.kind === "unknown" ? "" : name.kind));
      button.addEventListener("click", () => choose(name.span));
      return element("li", {}, button);
    }));
    const nobody = element("button", { type: "button" }, element("kbd", {}, "0"), "No speaker is printed");
    nobody.addEventListener("click", () => choose(null));
    list.append(element("li", {}, nobody));
  }

  async function choose(span) {
    dialog.close();
    if (await review.tell("name", { span })) review.look_at(review.current(), true);
  }

  filter.addEventListener("input", fill);
  dialog.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    const typing = document.activeElement === filter;
    if (event.key === "ArrowDown") buttons[Math.min(place + 1, buttons.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (place <= 0 ? filter : buttons[place - 1]).focus();
    else if (event.key === "Enter" && typing) buttons[0]?.click();
    else if (/^[0-9]$/.test(event.key) && !typing) (event.key === "0" ? buttons.at(-1) : buttons.slice(0, -1)[event.key - 1])?.click();
    else if (/^\p{L}$/u.test(event.key) && !typing && !event.ctrlKey && !event.metaKey) { filter.value += event.key; filter.focus(); fill(); }
    else return;
    event.preventDefault();
  });
})();
