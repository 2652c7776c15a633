"""Bringing files into the inbox: answers of providers' APIs, and objects of object stores."""
