// Draws each chart from the JSON beside it; the figures are in the page, nothing is fetched.
"use strict";

const PRINT_WIDTH = 690; // CSS pixels between the margins of an A4 page (see site.css)
const CONFIG = {
  responsive: true,
  displayModeBar: false, // dragging zooms and a double click resets; no buttons needed
};

const drawn = [];
for (const source of document.querySelectorAll("script[data-chart]")) {
  const element = document.getElementById(source.dataset.chart);
  const figure = JSON.parse(source.textContent);
  Plotly.newPlot(element, figure.data, figure.layout, CONFIG);
  drawn.push(element);
}

window.addEventListener("beforeprint", () => {
  for (const element of drawn) Plotly.relayout(element, { width: PRINT_WIDTH });
});
window.addEventListener("afterprint", () => {
  for (const element of drawn) Plotly.relayout(element, { width: null, autosize: true });
});
