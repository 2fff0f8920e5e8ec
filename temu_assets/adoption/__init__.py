"""Taking over the database of the predecessor (fact sheet jtl-wawi, section 5.1). Nothing else in the program needs this package."""
