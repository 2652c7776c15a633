// Every table can be sorted, searched and downloaded; without this script it is a plain table.
"use strict";

const LONG = 12; // lines from which on a table has a search box

const valueOf = (cell) => cell.dataset.raw ?? cell.textContent.trim();

// A line with those that belong to it; totals and what is nobody's stay at the end.
function linesOf(body) {
  const groups = [];
  for (const row of body.rows) {
    if (row.classList.contains("detail") && groups.length) groups.at(-1).push(row);
    else groups.push([row]);
  }
  const stays = ([row]) => row.matches(".total, .unallocated, .rest");
  return [groups.filter((group) => !stays(group)), groups.filter(stays)];
}

// The order of two lines by a column; what is not known comes last, up or down.
function compare(column, numeric, direction) {
  return ([one], [other]) => {
    const [a, b] = [valueOf(one.cells[column]), valueOf(other.cells[column])];
    if (!numeric) return direction * a.localeCompare(b);
    const known = (value) => value !== "" && value !== "—";
    if (!known(a) || !known(b)) return Number(known(b)) - Number(known(a));
    return direction * (Number(a) - Number(b));
  };
}

function sortBy(table, column) {
  const head = table.tHead.rows[table.tHead.rows.length - 1].cells;
  const direction = head[column].getAttribute("aria-sort") === "descending" ? 1 : -1;
  for (const cell of head) cell.removeAttribute("aria-sort");
  head[column].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const numeric = [...body.rows].some((row) => row.cells[column].dataset.raw !== undefined
    || row.cells[column].classList.contains("num"));
  const [lines, ends] = linesOf(body);
  lines.sort(compare(column, numeric, direction));
  body.append(...lines.flat(), ...ends.flat());
}

function search(table, words) {
  const wanted = words.toLowerCase();
  const [lines] = linesOf(table.tBodies[0]);
  for (const group of lines) {
    const found = group.some((row) => row.textContent.toLowerCase().includes(wanted));
    for (const row of group) row.hidden = !found;
  }
}

// A cell that a spreadsheet would take for a formula begins with an apostrophe.
function csvCell(text, numeric) {
  const safe = !numeric && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function headings(table) {
  const rows = [...table.tHead.rows];
  const shown = [...rows.at(-1).cells].map((cell) => !cell.hidden);
  const last = [...rows.at(-1).cells].map((cell) => cell.textContent.trim());
  if (rows.length === 1) return last.filter((_, n) => shown[n]);
  const groups = [...rows[0].cells].flatMap((cell) =>
    Array(cell.colSpan).fill(cell.textContent.trim()));
  return last.map((name, n) => [groups[n], name].filter(Boolean).join(": "))
    .filter((_, n) => shown[n]);
}

function csvOf(table) {
  const lines = [headings(table).map((name) => csvCell(name, false))];
  for (const row of table.tBodies[0].rows) {
    if (row.hidden) continue;
    lines.push([...row.cells].filter((cell) => !cell.hidden).map((cell) => {
      const unknown = cell.textContent.trim() === "—";
      return unknown ? "" : csvCell(valueOf(cell), cell.dataset.raw !== undefined);
    }));
  }
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function download(table, name) {
  const link = document.createElement("a");
  const text = new Blob(["\ufeff", csvOf(table)], { type: "text/csv;charset=utf-8" });
  link.href = URL.createObjectURL(text);
  link.download = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function equip(table) {
  const head = table.tHead.rows[table.tHead.rows.length - 1].cells;
  for (const [column, cell] of [...head].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    if (!button.textContent) button.setAttribute("aria-label", "What the lines are of");
    button.addEventListener("click", () => sortBy(table, column));
    cell.replaceChildren(button);
  }
  const scroll = table.closest(".scroll");
  const tools = scroll.nextElementSibling;
  if (table.tBodies[0].rows.length > LONG) {
    const box = document.createElement("input");
    box.type = "search";
    box.placeholder = "Search";
    box.setAttribute("aria-label", `Search in ${scroll.getAttribute("aria-label")}`);
    box.addEventListener("input", () => search(table, box.value));
    tools.append(box);
  }
  const csv = document.createElement("button");
  csv.type = "button";
  csv.textContent = "CSV";
  csv.title = "Download these lines, with all digits";
  csv.addEventListener("click", () => download(table, scroll.getAttribute("aria-label")));
  tools.append(csv);
}

for (const table of document.querySelectorAll(".scroll > table")) equip(table);

// A link to what stands in a closed block opens it.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
}
window.addEventListener("hashchange", openTarget);
openTarget();
