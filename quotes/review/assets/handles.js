// Handles: the ends of the words that are looked at, to be dragged; and the same with keys, over what is marked.
(() => {
  "use strict";
  const review = window.review;
  const { element } = review;
  const layer = document.getElementById("handles");
  let editing = null;

  function draw() {
    layer.replaceChildren();
    const item = review.item();
    if (!item || item.verdict === "rejected" || editing) return;
    const origin = layer.getBoundingClientRect();
    item.content.forEach((piece, number) => {
      for (const end of [0, 1]) {
        const boxes = [...review.range(piece).getClientRects()].filter((box) => box.width > 0);
        const box = end ? boxes.at(-1) : boxes[0];
        if (!box) return;
        const handle = element("div", { className: `handle ${end ? "end" : "start"}`, "aria-hidden": "true" });
        handle.style.left = `${(end ? box.right : box.left) - origin.left}px`;
        handle.style.top = `${box.top - origin.top}px`;
        handle.style.height = `${box.height}px`;
        handle.addEventListener("pointerdown", (event) => drag(event, handle, item, number, end));
        layer.append(handle);
      }
    });
  }

  function drag(event, handle, item, number, end) {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    layer.classList.add("dragging");
    const piece = [...item.content[number]];
    // A handle stands outside the words, and is taken somewhere: what moves is the end of the words.
    const box = handle.getBoundingClientRect();
    const [dx, dy] = [(end ? box.left : box.right) - event.clientX, (box.top + box.bottom) / 2 - event.clientY];
    handle.onpointermove = (move) => {
      const at = review.at(move.clientX + dx, move.clientY + dy);
      if (at === null || (end ? at <= piece[0] : at >= piece[1])) return;
      piece[end] = at;
      review.mark(piece);
    };
    const finish = async (commit) => {
      handle.onpointermove = handle.onpointerup = handle.onpointercancel = null;
      layer.classList.remove("dragging");
      const changed = piece[end] !== item.content[number][end];
      review.unmark();
      if (commit && changed) await review.tell("content", { spans: item.content.map((one, index) => (index === number ? piece : one)) });
      draw();
    };
    handle.onpointerup = () => finish(true);
    handle.onpointercancel = () => finish(false);
  }

  // Who marks words in the text may end over a handle: the marking goes on below it, or it would run to the article's end.
  document.addEventListener("pointerdown", (event) => layer.classList.toggle("passed", !event.target.closest(".handle")));
  for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, () => layer.classList.remove("passed"));

  // ---- with keys: the pieces of a quote, or what is marked; one of them is moved at one end, the other, or as a whole
  review.edit = (stop) => {
    editing = null;
    const span = stop && review.marked();
    const pieces = span ? [span] : stop ? review.item()?.content ?? [] : [];
    if (pieces.length) start(pieces.map((piece) => [...piece]));
    document.body.classList.toggle("editing", Boolean(editing));
    draw();
  };

  const KEYS = "← → move the end by a word, with Shift by a character. E goes to the other end. ↑ ↓ go to another paragraph. C sets the words, Esc leaves.";
  const FINGERS = "Drag the ends of the marked words, then choose below.";

  function start(spans) {
    editing = { spans, piece: 0, end: 1 };
    review.mark(spans[0]);
    review.say(matchMedia("(pointer: coarse)").matches ? FINGERS : KEYS);
  }

  review.editing = () => Boolean(editing);

  // All pieces as they are to be, the one that is marked as it is marked.
  review.edited = () => {
    const span = review.marked();
    return editing && span ? editing.spans.map((piece, index) => (index === editing.piece ? span : piece)) : span && [span];
  };

  // From nothing: the first word at the top of what can be seen.
  review.begin = () => {
    const first = [...document.querySelectorAll("#desk .text .s")].find((span) => span.getBoundingClientRect().bottom > 80);
    if (!first) return;
    const at = Number(first.dataset.s);
    start([[at, review.wordFrom(at, 1)]]);
    document.body.classList.add("editing");
    draw();
  };

  // The end, the start, and then the next piece.
  review.turn = () => {
    if (!editing.end) editing.piece = (editing.piece + 1) % editing.spans.length;
    editing.end = 1 - editing.end;
    review.mark(editing.spans[editing.piece]);
    review.say(`The ${editing.end ? "end" : "start"} moves${editing.spans.length > 1 ? `, of piece ${editing.piece + 1} of ${editing.spans.length}` : ""}.`);
  };

  review.move = (key, byCharacter) => {
    const span = editing.spans[editing.piece];
    if (key === "ArrowUp" || key === "ArrowDown") {
      const head = review.paragraphFrom(span[0], key === "ArrowDown" ? 1 : -1);
      if (head !== undefined) { [span[0], span[1]] = [head, review.wordFrom(head, 1)]; editing.end = 1; }
    } else {
      const { end } = editing;
      const step = key === "ArrowRight" ? 1 : -1;
      const to = byCharacter ? span[end] + step : review.wordFrom(span[end], step);
      if (to >= 0 && to <= review.length() && (end ? to > span[0] : to < span[1])) span[end] = to;
    }
    review.mark(span);
    const box = review.range(span).getBoundingClientRect();
    if (box.top < 80 || box.bottom > innerHeight - 100) scrollBy({ top: box.top - innerHeight / 2, behavior: "instant" });
  };

  review.onlook.push(draw);
  addEventListener("resize", draw);
  // What is told there can take a second line, which moves the words.
  new ResizeObserver(() => { if (!layer.classList.contains("dragging")) draw(); }).observe(document.querySelector(".bar"));
  document.fonts?.ready.then(draw);
})();
