// A library that was compiled to CommonJS, and uses the same package as its app. It is bundled and not run.
const io = require("tautline");
const { events } = require("tautline/reading");
const slim = require("tautline/slim");
const { app } = require("./imported");

module.exports = [io, events, slim, app];
