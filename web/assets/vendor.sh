#!/usr/bin/env bash
# Copies what the pages ship from elsewhere, and what their tests need, from the locked packages,
# with the licences, and writes the hashes that a test compares. Needs npm; the product does not.
set -euo pipefail
cd "$(dirname "$0")"
packages="$(mktemp -d)"
trap 'rm -rf "$packages"' EXIT
cp package.json package-lock.json "$packages"
npm ci --prefix "$packages" --ignore-scripts --no-audit --no-fund
from="$packages/node_modules"
to=../static/vendor

take() {
  mkdir -p "$2"
  cp "$from/$1" "$2/"
}

take @picocss/pico/css/pico.min.css $to/pico
take @picocss/pico/LICENSE.md $to/pico
take leaflet/dist/leaflet.js $to/leaflet
take leaflet/LICENSE $to/leaflet
# The map draws its marks itself, so the rules that load pictures are left out.
sed -E 's/url\([^)]*\)/none/g' "$from/leaflet/dist/leaflet.css" >$to/leaflet/leaflet.css
take echarts/dist/echarts.min.js $to/echarts
take echarts/LICENSE $to/echarts
take echarts/NOTICE $to/echarts
take htmx.org/dist/htmx.min.js $to/htmx
take htmx.org/LICENSE $to/htmx
take @daypilot/daypilot-lite-javascript/daypilot-javascript.min.js $to/daypilot
take @daypilot/daypilot-lite-javascript/LICENSE.txt $to/daypilot
take @daypilot/daypilot-lite-javascript/NOTICE.txt $to/daypilot
take axe-core/axe.min.js ../../tests/browser/axe
take axe-core/LICENSE ../../tests/browser/axe

hashes() (
  cd "$1"
  find . -type f ! -name hashes.txt -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >hashes.txt
)
hashes $to
hashes ../../tests/browser/axe
