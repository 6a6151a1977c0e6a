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
const COLOURS_ZH = ["青", "白", "金", "银", "紫", "蓝"];
const BIRDS_ZH = ["鹤", "雀", "鹭", "燕", "鸥", "鹰", "雁", "鹊"];
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
  return document.documentElement.lang === "zh"
    ? `${pick(COLOURS_ZH)}${pick(BIRDS_ZH)}`
    : `${pick(COLOURS)} ${pick(BIRDS)}`;
}

function pick(list) {
  return list[Math.floor(Math.random() * list.length)];
}
