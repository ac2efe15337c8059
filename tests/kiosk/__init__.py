"""Tests of the ticket kiosk: its receipts, its printer and its agent."""
