"""TEMU order -> JTL order -> parcel -> TEMU shipment."""
