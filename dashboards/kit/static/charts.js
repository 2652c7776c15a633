// Draws each chart from the JSON beside it; the figures are in the page, nothing is fetched.
"use strict";

const PRINT_WIDTH = 690; // CSS pixels between the margins of an A4 page (see site.css)
const CONFIG = {
  responsive: true,
  displayModeBar: false, // dragging zooms and a double click resets; no buttons needed
};

// colours of theme.py that follow the page's: dark where the reader's system is
const FOLLOW = {
  "#1f2933": "--ink",
  "#6b7785": "--quiet",
  "#e4e8ec": "--grid",
  "#ffffff": "--page",
};

function themed(text) {
  const style = getComputedStyle(document.documentElement);
  return text.replace(/"(#[0-9a-f]{6})"/g, (whole, colour) =>
    FOLLOW[colour] ? JSON.stringify(style.getPropertyValue(FOLLOW[colour]).trim()) : whole);
}

function draw(element, text) {
  const figure = JSON.parse(themed(text));
  return Plotly.react(element, figure.data, figure.layout, CONFIG);
}

const drawn = new Map();
for (const source of document.querySelectorAll("script[data-chart]")) {
  drawn.set(document.getElementById(source.dataset.chart), source.textContent);
}

function drawAll() {
  for (const [element, text] of drawn) draw(element, text);
}

if (drawn.size) { // a page of tables needs no library
  const library = document.createElement("script");
  library.src = "static/plotly-cartesian.min.js";
  library.addEventListener("load", drawAll);
  document.head.append(library);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
matchMedia("print").addEventListener("change", drawAll); // paper is white
window.addEventListener("beforeprint", () => {
  for (const element of drawn.keys()) Plotly.relayout(element, { width: PRINT_WIDTH });
});
window.addEventListener("afterprint", () => {
  for (const element of drawn.keys()) Plotly.relayout(element, { width: null, autosize: true });
});
