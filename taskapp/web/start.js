// The page is served at /app and at /app/, without a redirect; its HTML names app/start.js and app/style.css.
// From /app/ that is the folder beside this file; from /app it is this file and its neighbour, which lead there.
import "./app/start.js";
