// The page where files are dropped. Everything shown comes from the server and is set as text, never as HTML.

const AT_ONCE = 2;
const POLL_BUSY_MS = 1500;
const POLL_CALM_MS = 15000;
const LANES = { rechnungen: "Rechnungen", werbung: "Werbung", datev: "DATEV" };
const SHELVES = {
  rechnungen: { title: "Rechnungen und Werbung", none: "Noch keine Tabelle. Sie entsteht mit der ersten gelesenen Rechnung." },
  datev: { title: "DATEV-Dateien", none: "Noch keine fertigen Dateien." },
  berichte: { title: "DATEV-Berichte", none: "Noch keine Berichte." },
};
const NAMES = { "rechnungen.xlsx": "Rechnungen (Excel)", "werbung.xlsx": "Werbung (Excel)" };
const LOOKS = {
  "ok": "good", "schon verarbeitet": "good", "prüfen": "look", "zurückgehalten": "look", "Fehler": "bad", "abgelehnt": "bad",
  "wird gelesen": "busy", "wird hochgeladen": "busy", "wartet": "",
};
const OPEN = new Set(["wartet", "wird gelesen", "wird hochgeladen"]);
const GONE = "Das Programm antwortet nicht. Läuft „temu-assets uploads“ noch?";
const LOCKED = "Die Anmeldung gilt nicht mehr. Bitte den Link neu öffnen, den das Programm beim Start ausgibt.";

const byId = (id) => document.getElementById(id);
const local = []; // files of this page that the server does not list: on their way, or refused
const queue = [];
let limits = {};
let dagster = null;
let onTheWay = 0;
let listed = { files: [], runs: [] };
let tag = "";
let trouble = "";
let timer = 0;
let isLocked = false;
let asked = 0;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const lane = () => document.querySelector("input[name=lane]:checked").value;
const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3)).toLocaleString("de-DE")} KB` : `${(bytes / 1e6).toLocaleString("de-DE", { maximumFractionDigits: 1 })} MB`;
const moment = (iso) => new Date(iso).toLocaleString("de-DE", { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" });
const kinds = (endings) => endings.map((ending) => ending.slice(1).toUpperCase());

// --- dropping and choosing ---------------------------------------------------------------------------------------------

function add(files, into) {
  for (const file of files) {
    const entry = { file, lane: into, name: file.name, state: "wird hochgeladen", share: 0, reason: "", at: new Date().toISOString() };
    local.unshift(entry);
    const why = refusal(file, limits[into]);
    if (why) Object.assign(entry, { state: "abgelehnt", reason: why });
    else queue.push(entry);
  }
  show();
  work();
}

function refusal(file, limit) {
  if (!limit) return "";
  const name = file.name.toLowerCase();
  if (!limit.endings.some((ending) => name.endsWith(ending))) {
    const allowed = kinds(limit.endings);
    return `Hier werden nur ${allowed.slice(0, -1).join(", ")} und ${allowed.at(-1)} angenommen.`;
  }
  const most = name.endsWith(".zip") ? limit.most_zip_bytes : limit.most_bytes;
  if (file.size > most) return `Die Datei ist größer als ${size(most)}.`;
  return file.size ? "" : "Die Datei ist leer.";
}

function work() {
  while (onTheWay < AT_ONCE && queue.length && !isLocked) send(queue.shift());
}

function send(entry) {
  onTheWay += 1;
  const request = new XMLHttpRequest();
  request.open("POST", `/uploads/${entry.lane}?name=${encodeURIComponent(entry.name)}`);
  request.responseType = "json";
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) entry.share = event.loaded / event.total;
    progress(entry);
  };
  request.onloadend = () => {
    onTheWay -= 1;
    entry.file = null;
    if (request.status === 201) {
      Object.assign(entry, { state: "wartet", isListed: true });
    } else if (request.status === 401) {
      Object.assign(entry, { state: "abgelehnt", reason: LOCKED });
      lock();
    } else {
      const why = request.status ? request.response?.error ?? `Die Datei wurde nicht angenommen (${request.status}).` : "Die Übertragung ist abgebrochen. Bitte die Datei noch einmal ablegen.";
      Object.assign(entry, { state: "abgelehnt", reason: why });
    }
    show();
    poll();
    work();
  };
  request.send(entry.file);
}

function progress(entry) {
  const row = byId("list").querySelector(`[data-entry="${local.indexOf(entry)}"]`);
  if (!row) return;
  row.querySelector("progress").value = entry.share;
  row.querySelector(".state").textContent = stateText(entry);
}

function dropped(event) {
  event.preventDefault();
  document.body.classList.remove("over");
  const into = lane();
  const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
  const folders = items.map((item) => item.webkitGetAsEntry?.()).filter((found) => found?.isDirectory).map((found) => found.name);
  add([...event.dataTransfer.files].filter((file) => !folders.includes(file.name)), into);
  for (const name of folders) {
    local.unshift({ lane: into, name, state: "abgelehnt", reason: "Das ist ein Ordner. Bitte die Dateien darin ablegen.", at: new Date().toISOString() });
  }
  if (folders.length) show();
}

// --- what became of the files --------------------------------------------------------------------------------------------

async function ask(address) {
  const response = await fetch(address, { headers: address === "/outcomes" && tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
  if (response.status === 401) lock();
  return response;
}

async function poll() {
  clearTimeout(timer);
  if (isLocked) return;
  const mine = ++asked;
  const before = local.filter((entry) => entry.isListed);
  try {
    const response = await ask("/outcomes");
    const answer = response.status === 304 ? null : await response.json();
    if (mine !== asked) return; // a later question is under way, and takes away what it finds listed
    if (response.ok) {
      tag = response.headers.get("ETag") ?? "";
      listed = answer;
      trouble = "";
      for (const entry of before) local.splice(local.indexOf(entry), 1);
      show();
      results();
    } else if (response.status !== 304 && !isLocked) {
      trouble = answer.error;
    } else if (!isLocked) {
      trouble = "";
    }
  } catch {
    trouble = GONE;
  }
  notices();
  const isBusy = onTheWay || listed.runs.some((run) => run.is_running) || listed.files.some((file) => OPEN.has(file.state));
  timer = setTimeout(poll, isBusy && !document.hidden ? POLL_BUSY_MS : POLL_CALM_MS);
}

function lock() {
  isLocked = true;
  trouble = LOCKED;
  notices();
}

function show() {
  const rows = [...local.map((entry, index) => row(entry, index)), ...listed.files.map((file) => row(file))];
  byId("list").replaceChildren(...rows);
  byId("none").hidden = rows.length > 0;
  const told = summary([...local, ...listed.files]);
  if (byId("summary").textContent !== told) byId("summary").textContent = told;
  notices();
}

function row(file, index) {
  const made = element("li", "file");
  made.append(element("span", "name", file.name));
  made.append(element("span", `state ${LOOKS[file.state] ?? ""}`, stateText(file)));
  const about = [LANES[file.lane], file.came_in ? `aus ${file.came_in}` : "", moment(file.at), file.detail].filter(Boolean);
  made.append(element("span", "about", about.join(" · ")));
  if (file.reason) made.append(element("span", "reason", file.reason));
  if (file.state === "wird hochgeladen") {
    made.dataset.entry = index;
    const bar = element("progress");
    bar.max = 1;
    bar.value = file.share;
    bar.setAttribute("aria-label", `${file.name} wird hochgeladen`);
    made.append(bar);
  }
  return made;
}

function stateText(file) {
  if (file.state === "wird hochgeladen") return `wird hochgeladen ${Math.round(file.share * 100)} %`;
  if (file.state === "schon verarbeitet" && file.done_at) return `schon verarbeitet am ${moment(file.done_at)}`;
  return file.state;
}

function summary(files) {
  if (!files.length) return "";
  const counts = new Map();
  for (const file of files) counts.set(file.state, (counts.get(file.state) ?? 0) + 1);
  const done = files.filter((file) => !OPEN.has(file.state)).length;
  const told = Object.keys(LOOKS).filter((state) => counts.has(state)).map((state) => `${counts.get(state)} ${state}`);
  return `${done} von ${files.length} fertig: ${told.join(", ")}`;
}

function notices() {
  const made = trouble ? [notice(trouble)] : [];
  for (const run of listed.runs.filter((each) => each.failed_at && !each.is_running)) made.push(failure(run));
  const text = (nodes) => [...nodes].map((node) => node.textContent).join("\n");
  if (text(made) !== text(byId("notices").children)) byId("notices").replaceChildren(...made);
}

function notice(text) {
  const made = element("p", "notice bad");
  made.append(element("span", "", text));
  return made;
}

function failure(run) {
  const lanes = run.lanes.map((name) => LANES[name]).join(" und ");
  const where = dagster ? "in Dagster bei diesem Lauf" : "in Dagster bei diesem Lauf (fragen Sie die Person, die das Programm betreut)";
  const made = notice(`Der Lauf für ${lanes} ist am ${moment(run.failed_at)} fehlgeschlagen. Keine Datei ist verloren. Was zu tun ist, steht ${where}.`);
  if (dagster) {
    const link = element("a", "", "Dagster öffnen");
    Object.assign(link, { href: `${dagster}/runs`, target: "_blank", rel: "noopener" });
    made.append(link);
  }
  const again = element("button", "", "Noch einmal versuchen");
  again.type = "button";
  again.onclick = async () => {
    again.disabled = true;
    await fetch(`/runs/${run.lanes[0]}`, { method: "POST" }).catch(() => undefined);
    poll();
  };
  made.append(again);
  return made;
}

// --- results -------------------------------------------------------------------------------------------------------------

async function results() {
  const response = await ask("/results").catch(() => undefined);
  if (!response?.ok) return;
  const found = await response.json();
  byId("results").replaceChildren(...Object.entries(SHELVES).map(([name, texts]) => shelf(name, texts, found[name])));
}

function shelf(name, texts, found) {
  const made = element("div", "shelf");
  made.append(element("h3", "", texts.title));
  if (!found.count) {
    made.append(element("p", "", texts.none));
    return made;
  }
  const list = element("ul");
  if (found.files.length > 4) {
    list.tabIndex = 0;
    list.setAttribute("aria-label", texts.title);
  }
  for (const file of found.files) {
    const link = element("a");
    for (const part of (NAMES[file.name] ?? file.name).split(/(?<=[_-])/)) link.append(part, document.createElement("wbr"));
    link.href = `/results/${name}/${encodeURIComponent(file.name)}`;
    link.download = file.name;
    const item = element("li");
    item.append(link, element("small", "", `${size(file.size)} · ${moment(file.changed_at)}`));
    list.append(item);
  }
  made.append(list);
  if (found.count > found.files.length) made.append(element("p", "", `und ${found.count - found.files.length} ältere`));
  if (name !== "rechnungen") {
    const all = element("a", "button", found.count === 1 ? "Als ZIP" : `Alle ${found.count} als ZIP`);
    all.href = `/results/${name}.zip`;
    all.download = `${name}.zip`;
    made.append(all);
  }
  return made;
}

// --- beginning -----------------------------------------------------------------------------------------------------------

function tellWhatIsTaken() {
  const limit = limits[lane()];
  if (!limit) return;
  byId("files").accept = limit.endings.join(",");
  byId("takes").textContent = `${kinds(limit.endings).join(", ")} – auch mehrere, je Datei bis ${size(limit.most_bytes)}`;
}

byId("files").addEventListener("change", (event) => {
  add([...event.target.files], lane());
  event.target.value = ""; // the same file can be chosen again
});
for (const choice of document.querySelectorAll("input[name=lane]")) choice.addEventListener("change", tellWhatIsTaken);
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.body.classList.remove("over");
});
document.addEventListener("drop", dropped);
document.addEventListener("visibilitychange", () => document.hidden || poll());
window.addEventListener("beforeunload", (event) => {
  if (onTheWay || queue.length) event.preventDefault();
});

const told = await ask("/lanes").catch(() => undefined);
if (told?.ok) {
  ({ lanes: limits, dagster } = await told.json());
  if (dagster) Object.assign(byId("dagster"), { href: dagster, hidden: false });
  tellWhatIsTaken();
}
poll();
