/* Colours as the system has them, light or dark; remembered where the browser lets a page remember. Runs early. */
(() => {
  "use strict";
  const KEY = "quotes-theme";
  const NAMES = { "": ["◐", "as the system"], light: ["☀", "light"], dark: ["☾", "dark"] };
  const root = document.documentElement;
  root.classList.add("js");

  const remembered = () => {
    try {
      const theme = localStorage.getItem(KEY) ?? "";
      return Object.hasOwn(NAMES, theme) ? theme : "";
    } catch {
      return ""; // a page from the disk may have no storage
    }
  };
  const remember = (theme) => {
    try {
      if (theme) localStorage.setItem(KEY, theme);
      else localStorage.removeItem(KEY);
    } catch {
      // it lasts as long as the page, then
    }
  };
  const show = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  show(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    if (!button) return;
    const label = () => {
      const [sign, name] = NAMES[root.dataset.theme ?? ""];
      button.textContent = sign;
      button.title = `Colours: ${name}`;
      button.setAttribute("aria-label", `Colours: ${name}`);
    };
    button.addEventListener("click", () => {
      const order = Object.keys(NAMES);
      const next = order[(order.indexOf(root.dataset.theme ?? "") + 1) % order.length];
      remember(next);
      show(next);
      label();
    });
    label();
  });
})();
