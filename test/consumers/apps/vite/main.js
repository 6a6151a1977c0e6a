import "../bundled.js";
