/* The layout editor: a plate as a grid whose wells are chosen by mouse, finger or keyboard and filled together.
   The table below the grid is what is sent; the server reads and judges it, here as when it is kept. */

const PLATES = { 6: [2, 3], 12: [3, 4], 24: [4, 6], 48: [6, 8], 96: [8, 12], 384: [16, 24], 1536: [32, 48] };
const PARTS = ["role", "name", "nominal", "dilution", "condition"];
const SERIES = ["factor", "steps", "direction", "replicates"];
const ROLE_KEYS = { s: "standard", b: "blank", c: "control", p: "sample", e: "empty" };
const TOOLS = [
  ["undo", "Undo"], ["redo", "Redo"], ["copy", "Copy"], ["paste", "Paste"], ["empty", "Empty"], ["all", "Choose all"],
];

const form = document.querySelector("[data-layout-editor]");
if (form) setUp(form);

function rowName(row) {
  return row < 26 ? String.fromCharCode(65 + row) : `A${String.fromCharCode(39 + row)}`;
}

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

function inWords(cell) {
  const parts = [`${cell.role} ${cell.name}`];
  if (cell.nominal) parts.push(cell.nominal);
  if (cell.dilution && cell.dilution !== "1") parts.push(`1 : ${cell.dilution}`);
  if (cell.condition) parts.push(cell.condition);
  return parts.join(", ");
}

function asTable(cells) {
  const rows = Object.entries(cells).map(([at, cell]) => [at, ...PARTS.map((part) => cell[part] ?? "")].join(","));
  return [["well", ...PARTS].join(","), ...rows].join("\n");
}

function setUp(form) {
  const find = (selector) => form.querySelector(selector);
  const room = find("[data-layout-grid]");
  const tools = find("[data-layout-tools]");
  const fill = find("[data-layout-fill]");
  const told = find("[data-layout-problems]");
  const plate = form.elements.wells;
  const table = form.elements.table;
  const part = (name) => fill.querySelector(`[data-part="${name}"]`);

  let now = { wells: Number(plate.value), cells: {} };
  let past = [];
  let future = [];
  let block = null; // what was copied: rows of cells
  let anchor = [0, 0];
  let head = [0, 0];
  let wells = []; // the grid's cells, row by row
  const size = () => PLATES[now.wells];
  const at = (row, column) => `${rowName(row)}${column + 1}`;

  /* ---- what is chosen */

  function bounds() {
    return [0, 1].map((axis) => [Math.min(anchor[axis], head[axis]), Math.max(anchor[axis], head[axis])]);
  }

  function* chosen() {
    const [[top, bottom], [left, right]] = bounds();
    for (let row = top; row <= bottom; row += 1) for (let column = left; column <= right; column += 1) yield [row, column];
  }

  function choose(from, to, { focus = true } = {}) {
    const last = size().map((count) => count - 1);
    const inside = (place) => place.map((index, axis) => Math.max(0, Math.min(last[axis], index)));
    [anchor, head] = [inside(from), inside(to)];
    const [[top, bottom], [left, right]] = bounds();
    wells.forEach((row, y) => row.forEach((well, x) => {
      well.setAttribute("aria-selected", String(y >= top && y <= bottom && x >= left && x <= right));
      well.tabIndex = y === head[0] && x === head[1] ? 0 : -1;
    }));
    const count = (bottom - top + 1) * (right - left + 1);
    find("[data-layout-chosen]").textContent =
      count === 1 ? `well ${at(top, left)}` : `${at(top, left)} to ${at(bottom, right)}, ${count} wells`;
    if (focus) wells[head[0]][head[1]].focus({ preventScroll: false });
  }

  /* ---- drawing */

  function build() {
    const [rows, columns] = size();
    const grid = element("table", {
      class: `layout layout-${now.wells}`, role: "grid", "aria-multiselectable": "true", "aria-label": `Plate of ${now.wells} wells`,
    });
    const top = grid.createTHead().insertRow();
    top.setAttribute("role", "row");
    top.append(element("td", { role: "presentation" }));
    for (let column = 0; column < columns; column += 1) top.append(element("th", { scope: "col", role: "columnheader" }, String(column + 1)));
    const body = grid.createTBody();
    wells = [];
    for (let row = 0; row < rows; row += 1) {
      const line = body.insertRow();
      line.setAttribute("role", "row");
      line.append(element("th", { scope: "row", role: "rowheader" }, rowName(row)));
      wells.push([]);
      for (let column = 0; column < columns; column += 1) {
        const well = element("td", { role: "gridcell", tabindex: "-1", "data-row": row, "data-column": column });
        line.append(well);
        wells[row].push(well);
      }
    }
    const scroller = element("div", { class: "layout-room" });
    scroller.append(grid);
    room.replaceChildren(scroller, element(
      "p", { class: "layout-keys" },
      "Drag over wells, or arrows and Shift+arrows. s standard, b blank, c control, p sample, e or Delete empty; " +
      "Ctrl+C, Ctrl+V, Ctrl+Z, Ctrl+Y. A finger scrolls on the letters and numbers.",
    ));
  }

  function draw() {
    wells.forEach((row, y) => row.forEach((well, x) => {
      const cell = now.cells[at(y, x)];
      well.className = cell ? `role-${cell.role}${cell.condition ? ` is-${cell.condition}` : ""}` : "role-empty";
      well.setAttribute("aria-label", `${at(y, x)}, ${cell ? inWords(cell) : "empty"}`);
      well.removeAttribute("aria-invalid");
      const more = cell && (cell.nominal || (cell.dilution && cell.dilution !== "1" ? `1:${cell.dilution}` : ""));
      well.replaceChildren(
        ...(cell ? [element("span", { class: "well-name" }, cell.name)] : []),
        ...(more ? [element("span", { class: "well-more" }, more)] : []),
      );
    }));
    plate.value = String(now.wells);
    tools.querySelector('[data-do="undo"]').disabled = !past.length;
    tools.querySelector('[data-do="redo"]').disabled = !future.length;
    tools.querySelector('[data-do="paste"]').disabled = !block;
  }

  function tell(problems) {
    told.replaceChildren();
    wells.flat().forEach((well) => well.removeAttribute("aria-invalid"));
    if (!problems.length) return;
    const list = element("ul");
    for (const { well, sentence } of problems) {
      list.append(element("li", {}, well ? `${well}: ${sentence}` : sentence));
      const wrong = wells.flat().find((one) => at(Number(one.dataset.row), Number(one.dataset.column)) === well);
      wrong?.setAttribute("aria-invalid", "true");
    }
    told.append(list);
  }

  /* ---- changing */

  function become(next) {
    const isOther = next.wells !== now.wells || !wells.length;
    now = next;
    if (isOther) build();
    draw();
    choose(anchor, head, { focus: false });
    table.value = Object.keys(now.cells).length ? asTable(now.cells) : "";
  }

  function change(next) {
    past.push(now);
    future = [];
    become(next);
    check();
  }

  function put(changes) {
    const cells = { ...now.cells };
    for (const [well, cell] of changes) {
      if (cell && cell.role !== "empty") cells[well] = cell;
      else delete cells[well];
    }
    change({ ...now, cells });
  }

  async function ask(more = {}) {
    const asked = new FormData();
    asked.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const all = { wells: now.wells, table: table.value, ...more };
    for (const [name, value] of Object.entries(all)) asked.set(name, value);
    const answer = await fetch(form.dataset.check, { method: "POST", body: asked });
    if (!answer.ok) return { problems: [{ well: "", sentence: "The server could not check the layout; keep it to see why." }] };
    return answer.json();
  }

  let asking = 0;
  async function check() {
    const turn = (asking += 1);
    const answer = await ask();
    if (turn === asking) tell(answer.problems);
  }

  async function replaceBy(more) {
    const answer = await ask(more);
    asking += 1;
    if (answer.problems.length) tell(answer.problems);
    else change({ wells: answer.wells, cells: answer.cells });
  }

  const DOES = {
    fill() {
      const cell = Object.fromEntries(PARTS.map((name) => [name, part(name).value.trim()]));
      put([...chosen()].map((place) => [at(...place), { ...cell }]));
    },
    series() {
      const [[top], [left]] = bounds();
      const asked = Object.fromEntries([...PARTS, ...SERIES].map((name) => [name, part(name).value.trim()]));
      return replaceBy({ ...asked, at: at(top, left) });
    },
    undo() {
      if (!past.length) return;
      future.push(now);
      become(past.pop());
      check();
    },
    redo() {
      if (!future.length) return;
      past.push(now);
      become(future.pop());
      check();
    },
    copy() {
      const [[top, bottom]] = bounds();
      block = Array.from({ length: bottom - top + 1 }, () => []);
      for (const [row, column] of chosen()) block[row - top].push(now.cells[at(row, column)]);
      draw();
    },
    paste() {
      if (!block) return;
      const [[top], [left]] = bounds();
      const [rows, columns] = size();
      const changes = block.flatMap((line, y) => line.map((cell, x) => [top + y, left + x, cell]));
      put(changes.filter(([row, column]) => row < rows && column < columns).map(([row, column, cell]) => [at(row, column), cell]));
    },
    empty() {
      put([...chosen()].map((place) => [at(...place), null]));
    },
    all() {
      choose([0, 0], size().map((count) => count - 1));
    },
  };

  /* ---- mouse and finger */

  const placeOf = (well) => [Number(well.dataset.row), Number(well.dataset.column)];
  const wellUnder = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-layout-grid] [role=gridcell]");
  let isDragging = false;

  room.addEventListener("pointerdown", (event) => {
    const well = event.target.closest("[role=gridcell]");
    if (!well || event.button) return;
    event.preventDefault();
    isDragging = true;
    choose(event.shiftKey ? anchor : placeOf(well), placeOf(well));
  });
  document.addEventListener("pointermove", (event) => {
    const well = isDragging && wellUnder(event);
    if (well) choose(anchor, placeOf(well));
  });
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => (isDragging = false));

  /* ---- keyboard */

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const COMMANDS = { c: "copy", v: "paste", z: "undo", y: "redo", a: "all" };

  function keyIsKnown(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (!COMMANDS[key]) return false;
      DOES[key === "z" && event.shiftKey ? "redo" : COMMANDS[key]]();
    } else if (STEPS[key]) {
      const to = head.map((index, axis) => index + STEPS[key][axis]);
      choose(event.shiftKey ? anchor : to, to);
    } else if (key === "Home" || key === "End") {
      const to = [head[0], key === "Home" ? 0 : size()[1] - 1];
      choose(event.shiftKey ? anchor : to, to);
    } else if (key === "Delete" || key === "Backspace" || key === "e") {
      DOES.empty();
    } else if (ROLE_KEYS[key]) {
      part("role").value = ROLE_KEYS[key];
      part("name").focus();
      part("name").select();
    } else {
      return false;
    }
    return true;
  }

  room.addEventListener("keydown", (event) => {
    if (!event.target.matches("[role=gridcell]")) return;
    if (keyIsKnown(event)) event.preventDefault();
    if (event.key !== "Tab") event.stopPropagation(); // a letter is a role here, not the beginning of a scan
  });
  fill.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("[data-part]")) return;
    event.preventDefault();
    DOES[SERIES.includes(event.target.dataset.part) ? "series" : "fill"]();
    wells[head[0]][head[1]].focus();
  });

  /* ---- buttons, plate, table, file */

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) DOES[button.dataset.do]();
  });
  plate.addEventListener("change", () => {
    const wanted = Number(plate.value);
    const [rows, columns] = PLATES[wanted];
    const fits = new Set();
    for (let row = 0; row < rows; row += 1) for (let column = 0; column < columns; column += 1) fits.add(at(row, column));
    change({ wells: wanted, cells: Object.fromEntries(Object.entries(now.cells).filter(([well]) => fits.has(well))) });
  });
  table.addEventListener("change", () => replaceBy({}));
  form.elements.file.addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const text = await file.text();
    event.target.value = "";
    replaceBy({ table: text });
  });

  for (const [what, words] of TOOLS) tools.append(element("button", { type: "button", class: "btn", "data-do": what }, words));
  for (const hidden of [room, tools, fill]) hidden.hidden = false;
  const first = JSON.parse(document.getElementById("layout-now").textContent);
  if (first.problems.length) {
    build(); // what was typed stays in the table
    draw();
    choose(anchor, head, { focus: false });
    tell(first.problems);
  } else {
    become({ wells: first.wells, cells: first.cells });
  }
}
