/* The address says what is shown: #q-3-2 a quote, #speaker=…&type=… a filtered view, or both, joined with &.
   Makes window.quotesPage, through which the scripts of a page work together. */
(() => {
  "use strict";
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };

  const address = {
    target: "",
    filters: {},

    /* What location.hash says; false where it is only a place in the page, which changes nothing. */
    read() {
      const parts = location.hash.slice(1).split("&").filter(Boolean);
      const target = parts.find((part) => !part.includes("=")) ?? "";
      const filters = parts.filter((part) => part.includes("="));
      if (parts.length && !filters.length && !/^q-\d+-\d+$/.test(target)) return false;
      this.target = target;
      this.filters = Object.fromEntries(
        filters.map((part) => [part.slice(0, part.indexOf("=")), decoded(part.slice(part.indexOf("=") + 1))]),
      );
      return true;
    },

    write() {
      const filters = Object.entries(this.filters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
      const hash = [this.target, ...filters].filter(Boolean).join("&");
      try {
        history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
      } catch {
        if (location.hash.slice(1) !== hash) location.hash = hash;
      }
    },
  };

  window.quotesPage = {
    address,
    onselect: [],

    /* Tells people, by eye and by ear, what has been done. */
    tell(words) {
      const told = document.getElementById("told");
      if (!told) return;
      told.textContent = words;
      clearTimeout(this.telling);
      this.telling = setTimeout(() => (told.textContent = ""), 2500);
    },
  };
})();
