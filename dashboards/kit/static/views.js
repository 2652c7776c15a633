// Lets the reader choose which part of a filtered table is shown. Data files are scripts beside the
// page, loaded when asked for; what is chosen stands in the address, after "#?".
"use strict";

const loaded = new Map(); // parts by data file
const waiting = new Map(); // what to do once a data file is there

function outlayData(file, parts) { // eslint-disable-line no-unused-vars -- data files call it
  loaded.set(file, parts);
  for (const act of waiting.get(file) ?? []) act();
  waiting.delete(file);
}

function whenLoaded(file, act) {
  if (loaded.has(file)) { act(); return; }
  if (waiting.has(file)) { waiting.get(file).push(act); return; }
  waiting.set(file, [act]);
  const script = document.createElement("script");
  script.src = `data/${file}.js`;
  document.head.append(script);
}

const asked = () => new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");

// The part that fits what is wanted best: a control that cannot have its value takes its first.
function choose(index, wanted) {
  let left = index.parts;
  for (const [n] of index.controls.entries()) {
    const fitting = left.filter((part) => part.values[n] === wanted[n]);
    left = fitting.length ? fitting : left.filter((part) => part.values[n] === left[0].values[n]);
  }
  return left[0];
}

function fillControls(form, index, part) {
  for (const [n, name] of index.controls.entries()) {
    const fitting = index.parts.filter((other) =>
      other.values.slice(0, n).every((value, before) => value === part.values[before]));
    const words = new Map(fitting.map((other) => [other.values[n], other.words[n]]));
    const options = [...words].map(([value, text]) => new Option(text, value));
    form.elements[name].replaceChildren(...options);
    form.elements[name].value = part.values[n];
  }
}

function element(name, text = "", css = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (css) made.className = css;
  return made;
}

function headOf({ groups, columns }) {
  const head = document.createElement("thead");
  if (groups.length) {
    const row = element("tr", "", "groups");
    for (const [name, width, only] of groups) {
      const cell = element("th", name, name ? "group" : "");
      if (only) cell.dataset.only = only;
      if (name) cell.scope = "colgroup";
      cell.colSpan = width;
      row.append(cell);
    }
    head.append(row);
  }
  const row = document.createElement("tr");
  for (const [heading, help, numeric, bars, only] of columns) {
    const cell = element("th", heading, numeric ? "num" : "");
    cell.scope = "col";
    if (help) cell.title = help;
    cell.toggleAttribute("data-bars", Boolean(bars));
    if (only) cell.dataset.only = only;
    row.append(cell);
  }
  head.append(row);
  return head;
}

function cellOf(content, position, numeric) {
  const [text, raw, tooltip, badge] = Array.isArray(content) ? content : [content];
  const cell = element(position ? "td" : "th", badge ? "" : text, position && numeric ? "num" : "");
  if (badge) cell.append(element("span", text, `badge ${badge}`));
  if (!position) cell.scope = "row";
  if (raw) cell.dataset.raw = raw;
  if (tooltip) cell.title = tooltip;
  return cell;
}

// The same elements as the template `data_table` in parts.html.j2.
function blockOf(content, level) {
  const block = element("div", "", "block");
  block.append(element(level, content.title), element("p", content.caption, "caption"));
  if (!content.lines.length) {
    block.append(element("p", content.empty, "empty"));
    return block;
  }
  const table = document.createElement("table");
  const body = document.createElement("tbody");
  body.append(...content.lines.map(([role, ...cells]) => {
    const row = element("tr", "", role);
    row.append(...cells.map((cell, n) => cellOf(cell, n, content.columns[n][2])));
    return row;
  }));
  table.append(headOf(content), body);
  const wide = content.columns.length > 12 ? " wide" : "";
  const scroll = element("div", "", `scroll${wide}${content.lines.length > 60 ? " tall" : ""}`);
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", content.title);
  scroll.append(table);
  const tools = element("div", "", "tools");
  if (content.relation) {
    const link = element("a", content.relation);
    link.href = `definitions.html#${content.relation}`;
    tools.append(link);
  }
  block.append(scroll, tools);
  equip(table);
  return block;
}

function show(place, content) {
  const shown = [];
  if (content.title) {
    const heading = element("h2", content.title);
    if (content.badge) heading.append(" ", element("span", content.badge, "badge"));
    shown.push(heading, element("p", ...content.note));
  }
  const level = content.title ? "h3" : "h2";
  place.replaceChildren(...shown, ...content.tables.map((table) => blockOf(table, level)));
  for (const table of place.querySelectorAll("table")) drawBars(table);
}

// A bar behind the figures of one column, as long as its share of the largest.
function drawBars(table) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  const column = heads.findIndex((head) => head.hasAttribute("data-bars"));
  if (column < 0) return;
  const lines = [...table.tBodies[0].rows].filter((row) => !row.matches(".total, .detail"));
  const figure = (row) => Math.max(Number(row.cells[column].dataset.raw ?? 0), 0);
  const largest = Math.max(...lines.map(figure));
  for (const row of lines) {
    const share = largest > 0 ? (100 * figure(row)) / largest : 0;
    row.cells[column].style.setProperty("--bar", `${share.toFixed(1)}%`);
  }
}

// Columns that compare with something are shown with it alone.
function compareWith(table, beside) {
  const rows = [...table.tHead.rows];
  const fits = (cell) => !cell.dataset.only || cell.dataset.only === beside;
  const shown = [...rows.at(-1).cells].map(fits);
  for (const row of rows) for (const cell of row.cells) cell.hidden = !fits(cell);
  for (const row of table.tBodies[0].rows) {
    for (const [n, cell] of [...row.cells].entries()) cell.hidden = !shown[n];
  }
}

function equipView(block) {
  const index = JSON.parse(block.querySelector("script[data-view]").textContent);
  const form = block.querySelector("form");
  let shown = index.parts[index.initial];
  let [beside] = index.beside;

  function compare() {
    if (!index.beside.length) return;
    form.elements.beside.value = beside;
    for (const table of block.querySelectorAll(".shown table")) compareWith(table, beside);
  }

  function turnTo(part) {
    fillControls(form, index, part);
    compare();
    if (part === shown) return;
    whenLoaded(part.file, () => {
      shown = part;
      show(block.querySelector(".shown"), loaded.get(part.file)[part.values.join(" ")]);
      compare();
    });
  }

  function fromAddress() {
    const wanted = asked();
    if (![...index.controls, "beside"].some((name) => wanted.has(name))) return;
    if (index.beside.includes(wanted.get("beside"))) beside = wanted.get("beside");
    turnTo(choose(index, index.controls.map((name, n) => wanted.get(name) ?? shown.values[n])));
  }

  form.addEventListener("change", () => {
    const part = choose(index, index.controls.map((name) => form.elements[name].value));
    const state = index.controls.map((name, n) => [name, part.values[n]]);
    if (index.beside.length) state.push(["beside", form.elements.beside.value]);
    location.hash = `?${new URLSearchParams(state)}`;
  });
  window.addEventListener("hashchange", fromAddress);
  form.hidden = false;
  fillControls(form, index, shown);
  for (const table of block.querySelectorAll("table")) drawBars(table);
  fromAddress();
}

for (const block of document.querySelectorAll(".view")) equipView(block);
