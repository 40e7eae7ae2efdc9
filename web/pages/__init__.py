"""The pages, one file a subject: what is asked for, which view is shown, which act is done."""
