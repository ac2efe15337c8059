"""The touch screen's page and its server. Imported only on a node that has such a kiosk."""
