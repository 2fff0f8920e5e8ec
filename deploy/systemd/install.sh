#!/bin/sh
# Installs the program and its systemd units on this host, or brings an installed one to the version this script lies in. May be run again:
# what is there stays, and files of /etc/temu-assets that exist are not touched. Services are neither started nor stopped.
#
#   sudo deploy/systemd/install.sh
#
# DESTDIR=folder (for packages and tests): only the files, below that folder. PYTHON=python3.12: another Python.
set -eu

project=$(cd "$(dirname "$0")/../.." && pwd)
root=${DESTDIR:-}
python=${PYTHON:-python3}
units="$root/etc/systemd/system"

if [ -z "$root" ]; then
    [ "$(id -u)" -eq 0 ] || { echo "Run this as root: sudo $0" >&2; exit 1; }
    getent passwd temu-assets >/dev/null || useradd --system --home-dir /var/lib/temu-assets --no-create-home --shell /usr/sbin/nologin temu-assets
fi

# $1: owner and group, $2: mode; the rest: what is made. Without root (DESTDIR) whoever runs this owns it.
make_folder() {
    if [ -z "$root" ]; then install -d -o "${1%:*}" -g "${1#*:}" -m "$2" "$3"; else install -d -m "$2" "$root$3"; fi
}
make_folder root:root 0755 /opt/temu-assets
make_folder root:root 0755 /opt/temu-assets/releases
make_folder root:temu-assets 0750 /etc/temu-assets
make_folder temu-assets:temu-assets 0700 /var/lib/temu-assets
make_folder temu-assets:temu-assets 0700 /var/lib/temu-assets/dagster
make_folder temu-assets:temu-assets 0700 /var/backups/temu-assets

# $1: from where, $2: to where, $3: mode. A file that is there is the administrator's.
keep_or_copy() {
    if [ -e "$root$2" ]; then return; fi
    if [ -z "$root" ]; then install -o root -g temu-assets -m "$3" "$1" "$2"; else install -m "$3" "$1" "$root$2"; fi
}
keep_or_copy "$project/.env.example" /etc/temu-assets/temu-assets.env 0640
keep_or_copy "$project/deploy/workspace.yaml" /etc/temu-assets/workspace.yaml 0644
keep_or_copy "$project/dagster.yaml" /etc/temu-assets/dagster.yaml 0644
# The settings are read where the program works, Dagster's in its home.
[ -e "$root/var/lib/temu-assets/.env" ] || ln -sfn /etc/temu-assets/temu-assets.env "$root/var/lib/temu-assets/.env"
[ -e "$root/var/lib/temu-assets/dagster/dagster.yaml" ] || ln -sfn /etc/temu-assets/dagster.yaml "$root/var/lib/temu-assets/dagster/dagster.yaml"

install -d -m 0755 "$units/temu-assets-.service.d"
install -m 0644 "$project"/deploy/systemd/*.service "$project"/deploy/systemd/*.timer "$project"/deploy/systemd/*.target "$units"
install -m 0644 "$project"/deploy/systemd/temu-assets-.service.d/*.conf "$units/temu-assets-.service.d"

install -d -m 0755 "$root/usr/local/sbin"
install -m 0755 "$project/deploy/systemd/temu-assets.sh" "$root/usr/local/sbin/temu-assets"

[ -z "$root" ] || exit 0

# Every version is a folder of its own, so that the one that runs stays whole until "current" points to the new one.
content=$(cd "$project" && find temu_assets -type f ! -name '*.pyc' | LC_ALL=C sort | xargs cat pyproject.toml requirements.lock | sha256sum | cut -c1-12)
release=/opt/temu-assets/releases/$content
if [ ! -e "$release/.complete" ]; then
    rm -rf "$release"
    "$python" "$project/deploy/make_release.py" "$release"
    touch "$release/.complete"
fi
previous=$(readlink /opt/temu-assets/current || true)
ln -sfn "releases/$content" /opt/temu-assets/current
systemctl daemon-reload

echo "Installed: /opt/temu-assets/current -> releases/$content${previous:+ (before: $previous)}"
echo "Settings: /etc/temu-assets/temu-assets.env. Check them with: sudo temu-assets doctor"
