# For "make quick": which packages a change touches. Lines are a package and all that it and its tests import; FILES are the files that
# have changed, and MODULE is the module's path.
{
	for (i = 2; i <= NF; i++) imports[$1] = imports[$1] " " $i
	packages[$1] = 1
}

function isTouchedBy(package, set,    i, n, all) {
	n = split(imports[package], all, " ")
	for (i = 1; i <= n; i++) if (all[i] in set) return 1
	return package in set
}

END {
	# The tests of these two look at every file.
	changed[ENVIRON["MODULE"]] = changed[ENVIRON["MODULE"] "/docs"] = 1
	n = split(ENVIRON["FILES"], files, "\n")
	for (i = 1; i <= n; i++) {
		everything = everything || files[i] ~ /^go\.(mod|sum)$/
		# A file that is embedded lies below its package.
		for (folder = files[i]; sub(/\/[^\/]*$/, "", folder); ) if ((ENVIRON["MODULE"] "/" folder) in packages) {
			changed[ENVIRON["MODULE"] "/" folder] = 1
			break
		}
	}
	for (p in packages) if (isTouchedBy(p, changed)) touched[p] = 1
	# What a test imports is listed without what that imports in turn.
	for (p in packages) if (everything || isTouchedBy(p, touched)) print p
}
