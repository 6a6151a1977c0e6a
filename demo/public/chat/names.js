const COLOURS = [
  "Amber",
  "Birch",
  "Cobalt",
  "Dusky",
  "Fern",
  "Ivory",
  "Juniper",
  "Ochre",
  "Russet",
  "Slate",
];
const BIRDS = [
  "Avocet",
  "Curlew",
  "Dunlin",
  "Heron",
  "Kestrel",
  "Lapwing",
  "Plover",
  "Redshank",
  "Tern",
  "Wren",
];
const KEY = "tautline-demo-name";

/** The name of this window: each window is somebody else, and stays that over a reload. */
export function readName() {
  try {
    return sessionStorage.getItem(KEY) ?? rememberName(inventName());
  } catch {
    return inventName();
  }
}

export function rememberName(name) {
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // Without storage the name lasts as long as the page.
  }
  return name;
}

function inventName() {
  return `${pick(COLOURS)} ${pick(BIRDS)}`;
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}
