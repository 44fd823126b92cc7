// What is asked of the server. Changes go one after the other; one that fails is kept, told of and tried again.
(() => {
  "use strict";
  const review = (window.review = { state: null, onstate: [], onsaving: [] });
  const waiting = [];
  let busy = false, timer = 0, tries = 0;

  async function ask(path, options = {}) {
    let response;
    try {
      response = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options });
    } catch {
      return { status: 0, value: { error: "the review does not answer" } };
    }
    const value = await response.json().catch(() => ({
      error: response.status === 403 ? "this page is no longer let in: open the address of the running review" : `the review answered ${response.status}`,
    }));
    return { status: response.status, value };
  }

  function tellSaving(kind, words) {
    for (const hear of review.onsaving) hear(kind, words);
  }

  // Of an article that looks as it did, only what has changed is sent: it is put into what is known of it.
  function take(value) {
    const state = value.changed ? { ...review.state, ...value, html: null, items: review.state.items.map((item, index) => value.changed[index] ?? item) } : value;
    review.state = state;
    for (const hear of review.onstate) hear(state);
  }

  review.list = async (words, open, start) => {
    const query = new URLSearchParams({ words, open: open ? "1" : "0", start: String(start) });
    return (await ask(`/api/articles?${query}`)).value;
  };

  review.open = async (number) => {
    if (waiting.length) { tellSaving("failed", "Save first: a change is still waiting"); return false; }
    const { status, value } = await ask(`/api/articles/${number}`);
    if (status !== 200) { tellSaving("refused", value.error); return false; }
    take(value);
    return true;
  };

  // Resolves once the change is on the disk, to whether it is.
  review.change = (command) => new Promise((settle) => {
    waiting.push({ number: review.state.article.number, command, settle });
    send();
  });

  review.retry = () => { clearTimeout(timer); tries = 0; send(); };
  review.pending = () => waiting.length;

  async function send() {
    if (busy || !waiting.length) return;
    busy = true;
    clearTimeout(timer);
    const { number, command, settle } = waiting[0];
    tellSaving("saving", "Saving …");
    const body = JSON.stringify({ ...command, revision: review.state.revision });
    const { status, value } = await ask(`/api/articles/${number}`, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    busy = false;
    if (status === 200) {
      waiting.shift();
      tries = 0;
      take(value);
      if (value.problem) tellSaving("refused", `Saved, but what is made of it is not: ${value.problem}`);
      else tellSaving("saved", "Saved");
      settle(true);
    } else if (status === 409) {
      for (const dropped of waiting.splice(0)) dropped.settle(false);
      await review.open(number);
      tellSaving("refused", "Changed in another tab. This is how it stands now; your last change was not made.");
    } else if (status === 422 || status === 404 || status === 413 || status === 415) {
      waiting.shift();
      tellSaving("refused", value.error);
      settle(false);
    } else {
      tries += 1;
      tellSaving("failed", `Not saved: ${value.error}`);
      timer = setTimeout(send, Math.min(500 * 2 ** tries, 15000));
      return;
    }
    send();
  }

  addEventListener("online", review.retry);
  addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
})();
