// Places: between a point of the page and an offset into the article's text, which counts code points.
(() => {
  "use strict";
  const review = window.review;
  let text = null, spans = [], starts = [], points = [];

  // Look at the article that is shown now, whose text is `whole`.
  review.look = (container, whole) => {
    text = container;
    spans = text ? [...text.querySelectorAll(".s")] : [];
    starts = spans.map((span) => Number(span.dataset.s));
    points = Array.from(whole);
  };

  const endOf = (index) => (index + 1 < starts.length ? starts[index + 1] : points.length);

  // The index of the last span that begins at or before what `before(span)` says.
  function last(before) {
    let low = 0, high = spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(middle)) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  function offsetOf(node, within) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const span = element.closest(".s");
    if (span && node.nodeType === Node.TEXT_NODE) {
      const index = spans.indexOf(span);
      return Math.min(starts[index] + Array.from(node.data.slice(0, within)).length, endOf(index));
    }
    const point = document.createRange();
    point.setStart(node, within);
    point.collapse(true);
    const index = last((middle) => point.comparePoint(spans[middle], 0) < 0);
    if (index < 0) return 0;
    const inside = document.createRange();
    inside.selectNodeContents(spans[index]);
    return inside.comparePoint(node, within) <= 0 ? starts[index] : endOf(index);
  }

  function pointOf(offset, atEnd) {
    const index = Math.max(last((middle) => (atEnd ? starts[middle] < offset : starts[middle] <= offset)), 0);
    const node = spans[index].firstChild;
    const within = Array.from(node.data).slice(0, offset - starts[index]).join("").length;
    return [node, within];
  }

  review.range = ([start, end]) => {
    const range = document.createRange();
    range.setStart(...pointOf(start, false));
    range.setEnd(...pointOf(end, true));
    return range;
  };

  // What is marked in the text, as [start, end] without white space at its ends; null where nothing is.
  review.marked = () => {
    const selection = getSelection();
    if (!text || !selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!range.intersectsNode(text)) return null;
    const whole = document.createRange();
    whole.selectNodeContents(text);
    const from = whole.comparePoint(range.startContainer, range.startOffset) < 0 ? 0 : offsetOf(range.startContainer, range.startOffset);
    const to = whole.comparePoint(range.endContainer, range.endOffset) > 0 ? points.length : offsetOf(range.endContainer, range.endOffset);
    return trimmed([from, to]);
  };

  review.mark = (span) => {
    const range = review.range(span);
    getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
  };

  review.unmark = () => getSelection().removeAllRanges();

  review.at = (x, y) => {
    const place = document.caretPositionFromPoint
      ? document.caretPositionFromPoint(x, y)
      : ((range) => range && { offsetNode: range.startContainer, offset: range.startOffset })(document.caretRangeFromPoint(x, y));
    return place && text && text.contains(place.offsetNode) ? offsetOf(place.offsetNode, place.offset) : null;
  };

  review.words = (start, end) => points.slice(start, end).join("");
  review.length = () => points.length;

  const blank = (index) => /\s/u.test(points[index]);
  const letter = (index) => /[\p{L}\p{N}\p{M}'’-]/u.test(points[index]);

  function trimmed([start, end]) {
    while (start < end && blank(start)) start += 1;
    while (start < end && blank(end - 1)) end -= 1;
    return start < end ? [start, end] : null;
  }

  // From `offset` over one word, or one mark between words; in the direction `step`, 1 or -1.
  review.wordFrom = (offset, step) => {
    const at = (place) => (step > 0 ? place : place - 1);
    const within = (place) => (step > 0 ? place < points.length : place > 0);
    while (within(offset) && blank(at(offset))) offset += step;
    if (within(offset) && !letter(at(offset))) return offset + step;
    while (within(offset) && letter(at(offset))) offset += step;
    return offset;
  };

  review.paragraphFrom = (offset, step) => {
    const heads = text ? [...text.querySelectorAll("p > .s:first-child")].map((span) => Number(span.dataset.s)) : [];
    return step > 0 ? heads.find((head) => head > offset) : heads.findLast((head) => head < offset);
  };

})();
